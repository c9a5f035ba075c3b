/** Search over all kinds of objects, by parts of names and ids. */
import { queryOptions } from "@tanstack/react-query";
import type { StateName } from "~/states/states";
import { stateName } from "~/states/states";
import { api, data } from "../client";

export type FoundKind = "run" | "pipeline" | "experiment" | "recurring" | "artifact";

export interface Found {
  kind: FoundKind;
  id: string;
  name: string;
  /** What tells it apart from others of its name. */
  detail: string;
  state?: StateName;
}

/** How many of each kind. */
const MOST = 5;
/** Shorter ones are parts of too many ids, and of names too. */
const PART_OF_ID = /^[0-9a-f][0-9a-f-]{3,}$/i;

type Ask = (filter: string, signal: AbortSignal) => Promise<Found[]>;

interface Source {
  /** The first part of the query's name, so that changes of the server make it old. */
  plural: string;
  nameKey: string;
  ask: Ask;
}

const page = (filter: string) => ({ page_size: MOST, filter });

const SOURCES: Record<FoundKind, Source> = {
  run: {
    plural: "runs",
    nameKey: "name",
    ask: async (filter, signal) => {
      const query = { ...page(filter), sort_by: "created_at desc" };
      const { runs } = await data(api.GET("/apis/pinnace/v1/runs", { params: { query }, signal }));
      return runs.map(({ run, pipeline_name }) => ({
        kind: "run",
        id: run.run_id,
        name: run.display_name,
        detail: pipeline_name,
        state: stateName(run.state),
      }));
    },
  },
  pipeline: {
    plural: "pipelines",
    nameKey: "display_name",
    ask: async (filter, signal) => {
      const found = await data(api.GET("/apis/v2beta1/pipelines", { params: { query: page(filter) }, signal }));
      return (found.pipelines ?? []).map((each) => ({
        kind: "pipeline",
        id: each.pipeline_id ?? "",
        name: each.display_name || each.name || "",
        detail: each.description ?? "",
      }));
    },
  },
  experiment: {
    plural: "experiments",
    nameKey: "display_name",
    ask: async (filter, signal) => {
      const found = await data(api.GET("/apis/v2beta1/experiments", { params: { query: page(filter) }, signal }));
      return (found.experiments ?? []).map((each) => ({
        kind: "experiment",
        id: each.experiment_id ?? "",
        name: each.display_name ?? "",
        detail: each.description ?? "",
      }));
    },
  },
  recurring: {
    plural: "recurring_runs",
    nameKey: "display_name",
    ask: async (filter, signal) => {
      const found = await data(api.GET("/apis/v2beta1/recurringruns", { params: { query: page(filter) }, signal }));
      return (found.recurringRuns ?? []).map((each) => ({
        kind: "recurring",
        id: each.recurring_run_id ?? "",
        name: each.display_name ?? "",
        detail: each.trigger?.cron_schedule?.cron ?? "",
      }));
    },
  },
  artifact: {
    plural: "artifacts",
    nameKey: "name",
    ask: async (filter, signal) => {
      const query = { ...page(filter), sort_by: "created_at desc" };
      const found = await data(api.GET("/apis/v2beta1/artifacts", { params: { query }, signal }));
      return (found.artifacts ?? []).map((each) => ({
        kind: "artifact",
        id: each.artifact_id ?? "",
        name: each.name ?? "",
        detail: each.uri ?? "",
      }));
    },
  },
};

export const KINDS: readonly FoundKind[] = ["run", "pipeline", "experiment", "recurring", "artifact"];

function part(key: string, value: string): string {
  const predicates = [{ operation: "IS_SUBSTRING", key, string_value: value }];
  return encodeURIComponent(JSON.stringify({ predicates }));
}

/** A handful of the objects of a kind with *words* in their name or id; without words there are none. */
export function foundOf(kind: FoundKind, words: string) {
  const { plural, nameKey, ask } = SOURCES[kind];
  return queryOptions({
    queryKey: [plural, "found", words],
    queryFn: async ({ signal }) => {
      const filters = [part(nameKey, words), ...(PART_OF_ID.test(words) ? [part("id", words)] : [])];
      const lists = await Promise.all(filters.map((filter) => ask(filter, signal)));
      const once = new Map(lists.flat().map((each) => [each.id, each]));
      return [...once.values()].slice(0, MOST);
    },
    enabled: words !== "",
    staleTime: 10_000,
  });
}

/** The latest runs. */
export function latestRuns() {
  return queryOptions({
    queryKey: ["runs", "found", "", "latest"],
    queryFn: ({ signal }) => SOURCES.run.ask("", signal),
  });
}
