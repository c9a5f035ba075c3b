import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Schemas } from "~/api/client";
import { runTasks, type Task } from "~/api/queries/run";
import { follow } from "./connection";

type Update = Schemas["RunUpdate"];

/** Tasks with those of an update in the place of their older selves; new ones come last. */
export function merged(tasks: readonly Task[], news: readonly Task[]): Task[] {
  const latest = new Map(tasks.map((task) => [task.node, task]));
  for (const task of news) latest.set(task.node, task);
  return [...latest.values()];
}

/** Keeps the tasks of a run as they are on the server, anew when it becomes *live*. With *after* null it waits. */
export function useRunUpdates(runId: string, after: number | null, live: boolean): void {
  const queries = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a run that is retried is followed again
  useEffect(() => {
    if (after === null) return;
    const { queryKey } = runTasks(runId);
    return follow(`/apis/pinnace/v1/runs/${runId}/events?after=${after}`, (message) => {
      if (message.type !== "event") return;
      if (message.name === "update") {
        const update = message.data as Update;
        queries.setQueryData(queryKey, (tasks) => tasks && merged(tasks, update.tasks));
      } else {
        void queries.invalidateQueries({ queryKey: ["run", runId] });
      }
    });
  }, [queries, runId, after, live]);
}
