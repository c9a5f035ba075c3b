import { queryOptions } from "@tanstack/react-query";
import { instant } from "~/format/time";
import { type StateName, stateName } from "~/states/states";
import { api, data, type Schemas } from "../client";

/** What stands in the heading of a run. Times are milliseconds since the epoch. */
export interface RunHeader {
  id: string;
  name: string;
  description: string;
  state: StateName;
  error: string;
  createdAt: number | null;
  finishedAt: number | null;
  experimentId: string;
  pipelineId: string;
  versionId: string;
  recurringId: string;
  archived: boolean;
  parameters: Record<string, unknown>;
  pipelineRoot: string;
  serviceAccount: string;
  experiment: string;
  pipeline: string;
  version: string;
  recurring: string;
  creator: string;
  /** How Python environments are made; "" as the server does. */
  environment: string;
  /** False where no step may ask the cache. */
  caching: boolean;
  /** The document that it was made with; null where a stored version has it. */
  spec: Record<string, unknown> | null;
  /** How far this is: changes behind it are still to come. */
  changeNumber: number;
}

export type Task = Schemas["TaskView"];
export type Attempt = Schemas["AttemptView"];
export type Values = Schemas["ValuesView"];

const PHASES: Record<Task["phase"], StateName> = {
  WAITING: "PENDING",
  CACHE_LOOKUP: "PENDING",
  LAUNCHED: "PENDING",
  RUNNING: "RUNNING",
  BACKING_OFF: "RUNNING",
  OPEN: "RUNNING",
  CANCELING: "CANCELING",
  SUCCEEDED: "SUCCEEDED",
  FAILED: "FAILED",
  SKIPPED: "SKIPPED",
  CANCELED: "CANCELED",
};

/** The state of a task as people see it. */
export function taskState(task: Pick<Task, "phase" | "cached">): StateName {
  return stateName(PHASES[task.phase], task.cached);
}

async function fetchHeader(runId: string, signal: AbortSignal): Promise<RunHeader> {
  const params = { path: { run_id: runId } };
  const [run, own, rows] = await Promise.all([
    data(api.GET("/apis/v2beta1/runs/{run_id}", { params, signal })),
    data(api.GET("/apis/pinnace/v1/runs/{run_id}", { params, signal })),
    data(api.GET("/apis/pinnace/v1/runs", { params: { query: { run_id: [runId] } }, signal })),
  ]);
  const row = rows.runs[0];
  return {
    id: run.run_id ?? "",
    name: run.display_name ?? "",
    description: run.description ?? "",
    state: stateName(own.state),
    error: run.error?.message ?? "",
    // KFP's own times are whole seconds.
    createdAt: instant(row?.run.created_at ?? run.created_at),
    finishedAt: instant(row ? row.run.finished_at : run.finished_at),
    experimentId: run.experiment_id ?? "",
    pipelineId: run.pipeline_version_reference?.pipeline_id ?? "",
    versionId: run.pipeline_version_reference?.pipeline_version_id ?? "",
    recurringId: run.recurring_run_id ?? "",
    archived: run.storage_state === "ARCHIVED",
    parameters: run.runtime_config?.parameters ?? {},
    pipelineRoot: run.runtime_config?.pipeline_root ?? "",
    serviceAccount: run.service_account ?? "",
    experiment: row?.experiment_name ?? "",
    pipeline: row?.pipeline_name ?? "",
    version: row?.version_name ?? "",
    recurring: row?.recurring_run_name ?? "",
    creator: row?.creator ?? "",
    environment: own.environment ?? "",
    caching: own.caching !== false,
    spec: run.pipeline_spec ?? null,
    changeNumber: own.change_number,
  };
}

/** A run without its steps. */
export function runHeader(runId: string) {
  return queryOptions({
    queryKey: ["run", runId, "header"],
    queryFn: ({ signal }) => fetchHeader(runId, signal),
  });
}

/** Every step of a run, parents before children. */
export function runTasks(runId: string) {
  return queryOptions({
    queryKey: ["run", runId, "tasks"],
    queryFn: async ({ signal }) => {
      const params = { path: { run_id: runId } };
      return (await data(api.GET("/apis/pinnace/v1/runs/{run_id}/tasks", { params, signal }))).tasks;
    },
    staleTime: Number.POSITIVE_INFINITY,
    // Tasks that have not changed keep their identity by themselves; looking for it in all of them would be slow.
    structuralSharing: false,
  });
}

/** What is different from the last run of the same pipeline that succeeded before. */
export function changesSinceSuccess(runId: string) {
  return queryOptions({
    queryKey: ["run", runId, "changes"],
    queryFn: ({ signal }) =>
      data(
        api.GET("/apis/pinnace/v1/runs/{run_id}/changes-since-success", {
          params: { path: { run_id: runId } },
          signal,
        }),
      ),
  });
}

/** The last lines that an attempt has written. */
export function lastLines(runId: string, node: string, attempt: number, count: number) {
  return queryOptions({
    queryKey: ["run", runId, "last lines", node, attempt, count],
    queryFn: async ({ signal }) => {
      const params = { path: { run_id: runId, node }, query: { attempt, tail: count } };
      const found = await api.GET("/apis/pinnace/v1/runs/{run_id}/tasks/{node}/log", {
        params,
        parseAs: "text",
        signal,
      });
      return String(found.data ?? "").split("\n");
    },
  });
}

/** Why a step was, or was not, served by the cache. */
export function cacheOf(runId: string, node: string) {
  return queryOptions({
    queryKey: ["run", runId, "cache", node],
    queryFn: ({ signal }) =>
      data(
        api.GET("/apis/pinnace/v1/runs/{run_id}/tasks/{node}/cache", {
          params: { path: { run_id: runId, node } },
          signal,
        }),
      ),
  });
}

/** Make the cache forget what a step like this one would be given; how many results. */
export async function expireCache(runId: string, node: string): Promise<number> {
  const params = { path: { run_id: runId, node } };
  return (await data(api.POST("/apis/pinnace/v1/runs/{run_id}/tasks/{node}/cache:expire", { params }))).expired;
}

/** The graphs of the pipeline that a run was made with. They never change. */
export function runStructure(runId: string) {
  return queryOptions({
    queryKey: ["structure", "run", runId],
    queryFn: ({ signal }) =>
      data(api.GET("/apis/pinnace/v1/runs/{run_id}/structure", { params: { path: { run_id: runId } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
