export const timeline = {
  bars: { queued: "waiting", ran: "running", failed: "failed attempt", group: "group of steps" },
  onlyCritical: (count: number) =>
    count === 1 ? "critical path only (1 step)" : `critical path only (${count} steps)`,
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fit: "Show all",
};
