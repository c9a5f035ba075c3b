export const compare = {
  title: "Compare",
  hint: "Choose 2 to 20 runs in the list of runs, then compare them here.",
  choose: "Choose runs",
  differences: "Differences",
  everything: "Everything",
  run: "Run",
  metrics: "Metrics",
  parameters: "Parameters",
  same: "All runs have the same parameters.",
  noMetrics: "None of these runs has recorded a metric.",
  best: "highest",
  remove: (name: string) => `Leave out ${name}`,
};
