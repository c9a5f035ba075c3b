export const log = {
  search: "Find in the log",
  hits: (at: number, count: number) => (at > 0 ? `${at} of ${count}` : count === 1 ? "1 hit" : `${count} hits`),
  noHits: "no hits",
  nextHit: "Next hit",
  previousHit: "Previous hit",
  level: "Level",
  levels: { all: "All lines", warnings: "Warnings and errors", errors: "Errors" },
  download: "Download the log",
  whole: "From the beginning",
  wholeHint: "Only the last lines are here, and only they are searched",
  earlier: "Loading earlier lines …",
};
