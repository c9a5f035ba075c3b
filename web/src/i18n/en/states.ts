export const states = {
  PENDING: "Waiting",
  RUNNING: "Running",
  SUCCEEDED: "Succeeded",
  SKIPPED: "Skipped",
  FAILED: "Failed",
  CANCELING: "Stopping",
  CANCELED: "Stopped",
  PAUSED: "Paused",
  CACHED: "From cache",
  UNKNOWN: "Unknown",
};
