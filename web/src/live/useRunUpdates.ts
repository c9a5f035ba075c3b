import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Schemas } from "~/api/client";
import { runTasks, type Task } from "~/api/queries/run";
import { follow } from "./connection";

type Update = Schemas["RunUpdate"];

/** Dozens of changes a second are drawn in a few steps a second. */
const PAUSE = 150;

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
    let news: Task[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      const some = news;
      news = [];
      queries.setQueryData(queryKey, (tasks) => tasks && merged(tasks, some));
    };
    const stop = follow(`/apis/pinnace/v1/runs/${runId}/events?after=${after}`, (message) => {
      if (message.type !== "event") return;
      if (message.name === "update") {
        news.push(...(message.data as Update).tasks);
        timer ??= setTimeout(show, PAUSE);
      } else {
        void queries.invalidateQueries({ queryKey: ["run", runId] });
      }
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [queries, runId, after, live]);
}
