import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { RunListSearch } from "~/app/search";
import { instant } from "~/format/time";
import { type StateName, stateName } from "~/states/states";
import { api, data, type Schemas } from "../client";

const PAGE = 50;

/** A row of a list of runs. Times are milliseconds since the epoch. */
export interface RunRow {
  id: string;
  name: string;
  state: StateName;
  experimentId: string;
  experiment: string;
  pipelineId: string;
  pipeline: string;
  version: string;
  createdAt: number | null;
  finishedAt: number | null;
  recurringId: string;
  recurring: string;
  archived: boolean;
  error: string;
  parameters: Record<string, unknown>;
  metrics: Record<string, number>;
}

export interface RunPage {
  rows: RunRow[];
  total: number;
  next: string;
}

function rowOf(row: Schemas["RunRow"]): RunRow {
  const { run } = row;
  return {
    id: run.run_id,
    name: run.display_name,
    state: stateName(run.state),
    experimentId: run.experiment_id,
    experiment: row.experiment_name,
    pipelineId: row.pipeline_id ?? "",
    pipeline: row.pipeline_name,
    version: row.version_name,
    createdAt: instant(run.created_at),
    finishedAt: instant(run.finished_at),
    recurringId: row.recurring_run_id ?? "",
    recurring: row.recurring_run_name,
    archived: run.storage_state === "ARCHIVED",
    error: run.failure?.message ?? "",
    parameters: row.parameters,
    metrics: row.metrics,
  };
}

interface Predicate {
  operation: "EQUALS" | "IS_SUBSTRING" | "IN" | "GREATER_THAN";
  key: string;
  string_value?: string;
  string_values?: { values: string[] };
  timestamp_value?: string;
}

export function filterOf(search: RunListSearch, endedAfter?: number): string {
  const predicates: Predicate[] = [
    { operation: "EQUALS", key: "storage_state", string_value: search.archived ? "ARCHIVED" : "AVAILABLE" },
  ];
  if (search.q) predicates.push({ operation: "IS_SUBSTRING", key: "name", string_value: search.q });
  if (search.state) predicates.push({ operation: "EQUALS", key: "state", string_value: search.state });
  if (search.recurring) {
    predicates.push({ operation: "EQUALS", key: "recurring_run_id", string_value: search.recurring });
  }
  if (endedAfter !== undefined) {
    const timestamp_value = new Date(endedAfter).toISOString();
    predicates.push({ operation: "GREATER_THAN", key: "finished_at", timestamp_value });
  }
  // The server decodes the value once more than the address (as Kubeflow's does), so "+" and "%" are encoded twice.
  return encodeURIComponent(JSON.stringify({ predicates }));
}

async function fetchRuns(
  search: RunListSearch & { endedAfter?: number },
  token: string,
  size: number,
  signal: AbortSignal,
): Promise<RunPage> {
  const query = {
    page_size: size,
    page_token: token,
    sort_by: `${search.sort ?? "created_at"} ${search.up ? "asc" : "desc"}`,
    filter: filterOf(search, search.endedAfter),
    ...(search.experiment ? { experiment_id: search.experiment } : {}),
  };
  const found = await data(api.GET("/apis/pinnace/v1/runs", { params: { query }, signal }));
  return { rows: found.runs.map(rowOf), total: found.total_size, next: found.next_page_token };
}

/** The list of runs as pages that follow each other. */
export function runList(search: RunListSearch) {
  const { selected: _, columns: __, ...filter } = search;
  return infiniteQueryOptions({
    queryKey: ["runs", filter],
    queryFn: ({ pageParam, signal }) => fetchRuns(filter, pageParam, PAGE, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

/** The first runs of a list; with *endedAfter*, of those that ended since then. */
export function firstRuns(search: RunListSearch & { endedAfter?: number }, size: number) {
  return queryOptions({
    queryKey: ["runs", "first", search, size],
    queryFn: ({ signal }) => fetchRuns(search, "", size, signal),
  });
}

/** Runs to compare, in the given order. */
export function runsById(ids: readonly string[]) {
  return queryOptions({
    queryKey: ["runs", "given", ids],
    queryFn: async ({ signal }) => {
      const params = { query: { run_id: [...ids] } };
      return (await data(api.GET("/apis/pinnace/v1/runs", { params, signal }))).runs.map(rowOf);
    },
  });
}

export type RunAction = "terminate" | "retry" | "archive" | "unarchive" | "delete";

/** Act on one run. */
export async function actOnRun(run: string, action: RunAction): Promise<void> {
  const params = { path: { run_id: run } };
  if (action === "delete") await api.DELETE("/apis/v2beta1/runs/{run_id}", { params });
  else if (action === "terminate") await api.POST("/apis/v2beta1/runs/{run_id}:terminate", { params });
  else if (action === "retry") await api.POST("/apis/v2beta1/runs/{run_id}:retry", { params });
  else if (action === "archive") await api.POST("/apis/v2beta1/runs/{run_id}:archive", { params });
  else await api.POST("/apis/v2beta1/runs/{run_id}:unarchive", { params });
}

/** The run of the same experiment that was made next before, or next behind; null where there is none. */
export async function neighbour(
  run: { id: string; experimentId: string; createdAt: number | null },
  newer: boolean,
): Promise<string | null> {
  if (run.createdAt === null) return null;
  // Filters know whole seconds: the run itself is among what is found, and its neighbour stands behind it.
  const at = new Date(run.createdAt).toISOString();
  const operation = newer ? "GREATER_THAN_EQUALS" : "LESS_THAN_EQUALS";
  const filter = encodeURIComponent(
    JSON.stringify({ predicates: [{ operation, key: "created_at", timestamp_value: at }] }),
  );
  const query = {
    experiment_id: run.experimentId,
    page_size: PAGE,
    sort_by: `created_at ${newer ? "asc" : "desc"}`,
    filter,
  };
  const found = await data(api.GET("/apis/pinnace/v1/runs", { params: { query } }));
  const own = found.runs.findIndex((row) => row.run.run_id === run.id);
  return own < 0 ? null : (found.runs[own + 1]?.run.run_id ?? null);
}
