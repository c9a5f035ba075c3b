import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import type { TASK_STATES, TaskListSearch } from "~/app/search";
import { api, data, type Schemas } from "../client";
import type { Task } from "./run";

export type TaskBrief = Schemas["TaskBrief"];

const PAGE = 50;

/** The phases behind the states that people know. */
const PHASES: Record<(typeof TASK_STATES)[number], Task["phase"][]> = {
  PENDING: ["WAITING", "CACHE_LOOKUP", "LAUNCHED"],
  RUNNING: ["RUNNING", "BACKING_OFF", "OPEN", "CANCELING"],
  SUCCEEDED: ["SUCCEEDED"],
  FAILED: ["FAILED"],
  SKIPPED: ["SKIPPED"],
  CANCELED: ["CANCELED"],
};

/** Steps of all runs, newest first. */
export function taskList({ q, state }: TaskListSearch) {
  return infiniteQueryOptions({
    queryKey: ["tasks", q ?? "", state ?? ""],
    queryFn: ({ pageParam, signal }) => {
      const query = { page_size: PAGE, page_token: pageParam, name: q ?? "", phase: state ? PHASES[state] : [] };
      return data(api.GET("/apis/pinnace/v1/tasks", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next_page_token || undefined,
    placeholderData: keepPreviousData,
  });
}
