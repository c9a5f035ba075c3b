export const home = {
  running: "Running now",
  runningNone: "Nothing is running.",
  failed: "Failed lately",
  failedNone: "Nothing has failed in the last week.",
  next: "Next",
  nextNone: "No recurring run is enabled.",
  welcome: "Your Kubeflow Pipelines, on this machine",
  connect: "Connect the SDK",
  connectHint: "Three lines, in a script or a notebook:",
  recent: "Latest runs",
};
