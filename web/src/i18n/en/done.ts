const runs = (count: number) => (count === 1 ? "1 run" : `${count} runs`);

/** What was done, as notices say it for a while. */
export const done = {
  region: "Notices",
  undo: "Undo",
  undone: "Undone",
  failed: "This did not work",
  terminated: (count: number) => `Stopping ${runs(count)}`,
  retried: (count: number) => `Started ${runs(count)} again`,
  archived: (count: number) => `Archived ${runs(count)}`,
  restored: (count: number) => `Restored ${runs(count)}`,
  deleted: (count: number) => `Deleted ${runs(count)}`,
  pipelinesDeleted: (count: number) => (count === 1 ? "Deleted 1 pipeline" : `Deleted ${count} pipelines`),
  experimentArchived: "Archived the experiment and its runs",
  experimentRestored: "Restored the experiment",
  experimentDeleted: "Deleted the experiment",
};
