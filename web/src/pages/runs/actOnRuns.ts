import type { QueryClient } from "@tanstack/react-query";
import { actOnRun, type RunAction } from "~/api/queries/runs";
import { text } from "~/i18n/text";
import { sayDone, sayFailed } from "~/ui/toasts";

const WORDS = {
  terminate: "terminated",
  retry: "retried",
  archive: "archived",
  unarchive: "restored",
  delete: "deleted",
} as const satisfies Record<RunAction, string>;

const BACK: Partial<Record<RunAction, RunAction>> = { archive: "unarchive", unarchive: "archive" };

/** Act on runs, each for itself, and say what was done, with a way back where there is one, and what did not work. */
export async function actOnRuns(ids: readonly string[], action: RunAction, queries: QueryClient): Promise<void> {
  const done: string[] = [];
  const faults = new Map<string, unknown>();
  for (const id of ids) {
    try {
      await actOnRun(id, action);
      done.push(id);
    } catch (error) {
      faults.set(error instanceof Error ? error.message : String(error), error);
    }
  }
  await queries.invalidateQueries({ queryKey: ["runs"] });
  for (const id of done) void queries.invalidateQueries({ queryKey: ["run", id] });
  const back = BACK[action];
  const undo = back && (() => Promise.all(done.map((id) => actOnRun(id, back))).then(() => renew(queries)));
  if (done.length > 0) sayDone(text().done[WORDS[action]](done.length), undo);
  for (const error of faults.values()) sayFailed(error);
}

function renew(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: ["runs"] });
}
