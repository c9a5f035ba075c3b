export const experiments = {
  total: (count: number) => (count === 1 ? "1 experiment" : `${count.toLocaleString("en")} experiments`),
  create: "New experiment",
  lastRun: "Last run",
  empty: "No experiment matches the filter.",
  emptyHint: "An experiment is a group of runs. Give a run a name of an experiment, and it appears here.",
  archiveTitle: (name: string) => `Archive ${name}?`,
  archiveHint: "All of its runs are archived with it, and its recurring runs are disabled.",
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteHint: "Only the experiment goes. Its runs stay, without a group.",
};
