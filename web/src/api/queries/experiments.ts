import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { instant } from "~/format/time";
import { api, data, type Schemas } from "../client";
import type { Listed } from "./pipelines";

const PAGE = 50;

export interface ExperimentRow {
  id: string;
  name: string;
  description: string;
  createdAt: number | null;
  lastRunAt: number | null;
  archived: boolean;
}

function rowOf(experiment: Schemas["Experiment"]): ExperimentRow {
  return {
    id: experiment.experiment_id ?? "",
    name: experiment.display_name ?? "",
    description: experiment.description ?? "",
    createdAt: instant(experiment.created_at),
    lastRunAt: instant(experiment.last_run_created_at),
    archived: experiment.storage_state === "ARCHIVED",
  };
}

export interface ExperimentFilter {
  q?: string;
  archived?: true;
}

function filterOf({ q, archived }: ExperimentFilter): string {
  const predicates = [
    { operation: "EQUALS", key: "storage_state", string_value: archived ? "ARCHIVED" : "AVAILABLE" },
    ...(q ? [{ operation: "IS_SUBSTRING", key: "display_name", string_value: q }] : []),
  ];
  return encodeURIComponent(JSON.stringify({ predicates }));
}

async function fetchPage(filter: ExperimentFilter, token: string, size: number, signal: AbortSignal) {
  const query = {
    page_size: size,
    page_token: token,
    sort_by: "last_run_created_at desc",
    filter: filterOf(filter),
  };
  const found = await data(api.GET("/apis/v2beta1/experiments", { params: { query }, signal }));
  return {
    rows: (found.experiments ?? []).map(rowOf),
    total: found.total_size ?? 0,
    next: found.next_page_token ?? "",
  } satisfies Listed<ExperimentRow>;
}

/** Experiments, those that were used last first. */
export function experimentList(filter: ExperimentFilter) {
  return infiniteQueryOptions({
    queryKey: ["experiments", filter],
    queryFn: ({ pageParam, signal }) => fetchPage(filter, pageParam, PAGE, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

/** The newest experiments that are not archived, to choose from. */
export function experimentNames() {
  return queryOptions({
    queryKey: ["experiments", "names"],
    queryFn: async ({ signal }) => (await fetchPage({}, "", 200, signal)).rows,
  });
}

/** One experiment. */
export function experimentById(experimentId: string) {
  return queryOptions({
    queryKey: ["experiment", experimentId],
    queryFn: async ({ signal }) => {
      const params = { path: { experiment_id: experimentId } };
      return rowOf(await data(api.GET("/apis/v2beta1/experiments/{experiment_id}", { params, signal })));
    },
  });
}

/** Make an experiment; returns its id. */
export async function createExperiment(name: string, description: string): Promise<string> {
  const body = { display_name: name, description };
  return (await data(api.POST("/apis/v2beta1/experiments", { body }))).experiment_id ?? "";
}

export type ExperimentAction = "archive" | "unarchive" | "delete";

/** Act on one experiment. Archiving archives its runs too; deleting leaves them. */
export async function actOnExperiment(experimentId: string, action: ExperimentAction): Promise<void> {
  const params = { path: { experiment_id: experimentId } };
  if (action === "delete") await api.DELETE("/apis/v2beta1/experiments/{experiment_id}", { params });
  else if (action === "archive") await api.POST("/apis/v2beta1/experiments/{experiment_id}:archive", { params });
  else await api.POST("/apis/v2beta1/experiments/{experiment_id}:unarchive", { params });
}
