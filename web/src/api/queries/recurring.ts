import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { instant } from "~/format/time";
import { api, data, type Schemas } from "../client";
import type { Source } from "./newRun";
import { type Listed, nameFilter } from "./pipelines";

const PAGE = 50;

/** Times are milliseconds since the epoch; null is "once". */
export type Trigger =
  | { kind: "cron"; expression: string; start: number | null; end: number | null }
  | { kind: "interval"; seconds: number; start: number | null; end: number | null }
  | null;

export interface Recurring {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
  trigger: Trigger;
  createdAt: number | null;
  experimentId: string;
  /** The version is "" where every run takes the latest. */
  source: Source;
  parameters: Record<string, unknown>;
  pipelineRoot: string;
  catchUp: boolean;
  maxConcurrency: number;
}

function triggerOf(trigger: Schemas["Trigger"] | null | undefined): Trigger {
  const { cron_schedule: cron, periodic_schedule: periodic } = trigger ?? {};
  if (cron) return { kind: "cron", expression: cron.cron ?? "", ...boundsOf(cron) };
  if (periodic) return { kind: "interval", seconds: Number(periodic.interval_second ?? 0), ...boundsOf(periodic) };
  return null;
}

function boundsOf({ start_time, end_time }: { start_time?: string; end_time?: string }) {
  return { start: instant(start_time), end: instant(end_time) };
}

function recurringOf(wire: Schemas["RecurringRun"]): Recurring {
  const reference = wire.pipeline_version_reference;
  return {
    id: wire.recurring_run_id ?? "",
    name: wire.display_name ?? "",
    description: wire.description ?? "",
    enabled: wire.status === "ENABLED",
    trigger: triggerOf(wire.trigger),
    createdAt: instant(wire.created_at),
    experimentId: wire.experiment_id ?? "",
    source: wire.pipeline_spec
      ? { spec: wire.pipeline_spec }
      : { pipelineId: reference?.pipeline_id ?? "", versionId: reference?.pipeline_version_id ?? "" },
    parameters: wire.runtime_config?.parameters ?? {},
    pipelineRoot: wire.runtime_config?.pipeline_root ?? "",
    catchUp: !wire.no_catchup,
    maxConcurrency: Number(wire.max_concurrency ?? 1),
  };
}

/** Recurring runs, newest first. */
export function recurringList(part: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["recurring_runs", "list", part ?? ""],
    queryFn: async ({ pageParam, signal }): Promise<Listed<Recurring>> => {
      const query = { page_size: PAGE, page_token: pageParam, sort_by: "created_at desc", filter: nameFilter(part) };
      const found = await data(api.GET("/apis/v2beta1/recurringruns", { params: { query }, signal }));
      return {
        rows: (found.recurringRuns ?? []).map(recurringOf),
        total: found.total_size ?? 0,
        next: found.next_page_token ?? "",
      };
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

/** One recurring run. */
export function recurringById(recurringId: string) {
  return queryOptions({
    queryKey: ["recurring_run", recurringId, "definition"],
    queryFn: async ({ signal }) => {
      const params = { path: { recurring_run_id: recurringId } };
      return recurringOf(await data(api.GET("/apis/v2beta1/recurringruns/{recurring_run_id}", { params, signal })));
    },
  });
}

export interface Progress {
  id: string;
  name: string;
  enabled: boolean;
  nextAt: number | null;
  lastAt: number | null;
  made: number;
  error: string;
}

function progressOf(row: Schemas["ScheduleRow"]): Progress {
  return {
    id: row.recurring_run_id,
    name: row.display_name,
    enabled: row.enabled,
    nextAt: instant(row.next_time),
    lastAt: instant(row.last_time),
    made: row.runs_made,
    error: row.error ?? "",
  };
}

/** How far the given recurring runs have come, by id. */
export function recurringProgress(ids: readonly string[]) {
  return queryOptions({
    queryKey: ["recurring_runs", "progress", ids],
    queryFn: async ({ signal }) => {
      const found: Progress[] = [];
      for (let from = 0; from < ids.length; from += 100) {
        const query = { recurring_run_id: ids.slice(from, from + 100) };
        const { recurring_runs } = await data(api.GET("/apis/pinnace/v1/recurringruns", { params: { query }, signal }));
        found.push(...recurring_runs.map(progressOf));
      }
      return new Map(found.map((row) => [row.id, row]));
    },
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });
}

/** The enabled recurring runs that come next, the soonest first. */
export function comingNext(count: number) {
  return queryOptions({
    queryKey: ["recurring_runs", "next", count],
    queryFn: async ({ signal }) => {
      const found = await data(api.GET("/apis/pinnace/v1/recurringruns", { params: { query: { count } }, signal }));
      return found.recurring_runs.map(progressOf);
    },
  });
}

/** When one comes next, how far it has come, and what is odd about it. */
export function recurringTimes(recurringId: string) {
  return queryOptions({
    queryKey: ["recurring_run", recurringId, "times"],
    queryFn: ({ signal }) => {
      const params = { path: { recurring_run_id: recurringId }, query: { count: 5 } };
      return data(api.GET("/apis/pinnace/v1/recurringruns/{recurring_run_id}", { params, signal }));
    },
  });
}

/** What an expression means, from *after* on. */
export function cronPreview(expression: string, after: number | null) {
  return queryOptions({
    queryKey: ["cron", expression, after],
    queryFn: ({ signal }) => {
      const query = { expression, count: 5, ...(after === null ? {} : { after: new Date(after).toISOString() }) };
      return data(api.GET("/apis/pinnace/v1/cron:preview", { params: { query }, signal }));
    },
    placeholderData: (before) => before,
  });
}

export type RecurringAction = "enable" | "disable" | "delete";

/** Act on one recurring run. Its runs stay and go on, whatever is done. */
export async function actOnRecurring(recurringId: string, action: RecurringAction): Promise<void> {
  const params = { path: { recurring_run_id: recurringId } };
  if (action === "delete") await api.DELETE("/apis/v2beta1/recurringruns/{recurring_run_id}", { params });
  else if (action === "enable") await api.POST("/apis/v2beta1/recurringruns/{recurring_run_id}:enable", { params });
  else await api.POST("/apis/v2beta1/recurringruns/{recurring_run_id}:disable", { params });
}

export type NewRecurring = Omit<Recurring, "id" | "createdAt" | "enabled">;

/** Make a recurring run that is enabled; returns its id. */
export async function createRecurring(wanted: NewRecurring): Promise<string> {
  const { source } = wanted;
  const body: Schemas["RecurringRun"] = {
    display_name: wanted.name,
    description: wanted.description,
    experiment_id: wanted.experimentId,
    runtime_config: { parameters: wanted.parameters, pipeline_root: wanted.pipelineRoot },
    trigger: wireTrigger(wanted.trigger),
    mode: "ENABLE",
    no_catchup: !wanted.catchUp,
    max_concurrency: String(wanted.maxConcurrency),
    ...("spec" in source
      ? { pipeline_spec: source.spec }
      : {
          pipeline_version_reference: {
            pipeline_id: source.pipelineId,
            ...(source.versionId ? { pipeline_version_id: source.versionId } : {}),
          },
        }),
  };
  return (await data(api.POST("/apis/v2beta1/recurringruns", { body }))).recurring_run_id ?? "";
}

function wireTrigger(trigger: Trigger): Schemas["Trigger"] {
  if (trigger === null) return {};
  const bounds = {
    ...(trigger.start === null ? {} : { start_time: new Date(trigger.start).toISOString() }),
    ...(trigger.end === null ? {} : { end_time: new Date(trigger.end).toISOString() }),
  };
  if (trigger.kind === "cron") return { cron_schedule: { cron: trigger.expression, ...bounds } };
  return { periodic_schedule: { interval_second: String(trigger.seconds), ...bounds } };
}
