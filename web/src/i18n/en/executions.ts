export const executions = {
  total: (count: number) => (count === 1 ? "1 execution" : `${count.toLocaleString("en")} executions`),
  search: "Part of the step's name",
  anyState: "Any state",
  step: "Step",
  emptyTitle: "Nothing has run yet",
  emptyHint: "Every step of every run is listed here, the newest first. Start a run from Python:",
  emptyFiltered: "No execution matches the filter.",
};
