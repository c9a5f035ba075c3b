/** What of a page is kept in its address. Every reader turns whatever stands there into something valid. */
import type { StateName } from "~/states/states";

type Raw = Record<string, unknown>;

export interface RunListSearch {
  q?: string;
  state?: StateName;
  experiment?: string;
  /** Only those of a recurring run. */
  recurring?: string;
  archived?: true;
  sort?: "created_at" | "name" | "finished_at";
  up?: true;
  selected?: string[];
  /** Parameters and metrics that are shown as columns: `p:rows`, `m:accuracy`. */
  columns?: string[];
}

export interface CompareSearch {
  runs?: string[];
  /** Also what is the same in all. */
  all?: true;
}

export type RunTab = "cause" | "logs" | "inputs" | "results" | "details" | "cache";
export type RunView = "steps" | "graph" | "timeline" | "logs" | "results" | "configuration" | "events" | "yaml";

export interface RunSearch {
  task?: string;
  tab?: RunTab;
  view?: RunView;
  /** Of the chosen step; the last one by default. */
  attempt?: number;
}

/** What changes in the address of a run's page: undefined leaves it. */
export type RunSearchChange = { [K in keyof RunSearch]?: RunSearch[K] | undefined };

export function changedRunSearch(now: RunSearch, change: RunSearchChange): RunSearch {
  return present({ ...now, ...change });
}

export interface ListSearch {
  q?: string;
}

export interface PipelineListSearch extends ListSearch {
  /** The dialog that uploads is open. */
  upload?: true;
}

export interface ExperimentListSearch extends ListSearch {
  archived?: true;
}

export interface NewRunSearch {
  pipeline?: string;
  version?: string;
  clone?: string;
  experiment?: string;
  /** Begins with the cache switched off. */
  caching?: false;
}

export type PipelineView = "graph" | "inputs" | "yaml";

export interface PipelineSearch {
  version?: string;
  view?: PipelineView;
}

export const ARTIFACT_KINDS = [
  "Dataset",
  "Model",
  "Metric",
  "ClassificationMetric",
  "SlicedClassificationMetric",
  "HTML",
  "Markdown",
  "Artifact",
] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

export interface ArtifactListSearch extends ListSearch {
  kind?: ArtifactKind;
}

export interface ArtifactSearch {
  tab?: "lineage";
  /** The file in an artifact that is a directory. */
  path?: string;
  /** Of the lineage; both ways without it. */
  way?: "back" | "forward";
  depth?: number;
  /** The chosen node of the lineage. */
  node?: string;
}

export const TASK_STATES = ["RUNNING", "PENDING", "SUCCEEDED", "FAILED", "SKIPPED", "CANCELED"] as const;

export interface TaskListSearch extends ListSearch {
  state?: (typeof TASK_STATES)[number];
}

const STATES: readonly StateName[] = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING", "CANCELED"];
const SORTS = ["created_at", "name", "finished_at"] as const;
const TABS = ["cause", "logs", "inputs", "results", "details", "cache"] as const;
const PIPELINE_VIEWS = ["graph", "inputs", "yaml"] as const;
const VIEWS = ["steps", "graph", "timeline", "logs", "results", "configuration", "events", "yaml"] as const;

export function runListSearch(raw: Raw): RunListSearch {
  return present({
    q: words(raw["q"]),
    state: oneOf(STATES, raw["state"]),
    experiment: words(raw["experiment"]),
    recurring: words(raw["recurring"]),
    archived: raw["archived"] === true ? true : undefined,
    sort: oneOf(SORTS, raw["sort"]),
    up: raw["up"] === true ? true : undefined,
    selected: list(raw["selected"]),
    columns: list(raw["columns"]),
  });
}

export function compareSearch(raw: Raw): CompareSearch {
  return present({ runs: list(raw["runs"]), all: raw["all"] === true ? true : undefined });
}

export function runSearch(raw: Raw): RunSearch {
  return present({
    task: words(raw["task"]),
    tab: oneOf(TABS, raw["tab"]),
    view: oneOf(VIEWS, raw["view"]),
    attempt: typeof raw["attempt"] === "number" && raw["attempt"] > 0 ? raw["attempt"] : undefined,
  });
}

export function listSearch(raw: Raw): ListSearch {
  return present({ q: words(raw["q"]) });
}

export function pipelineListSearch(raw: Raw): PipelineListSearch {
  return present({ q: words(raw["q"]), upload: raw["upload"] === true ? true : undefined });
}

export function experimentListSearch(raw: Raw): ExperimentListSearch {
  return present({ q: words(raw["q"]), archived: raw["archived"] === true ? true : undefined });
}

export function newRunSearch(raw: Raw): NewRunSearch {
  return present({
    pipeline: words(raw["pipeline"]),
    version: words(raw["version"]),
    clone: words(raw["clone"]),
    caching: raw["caching"] === false ? false : undefined,
    experiment: words(raw["experiment"]),
  });
}

export function pipelineSearch(raw: Raw): PipelineSearch {
  return present({ version: words(raw["version"]), view: oneOf(PIPELINE_VIEWS, raw["view"]) });
}

export function artifactListSearch(raw: Raw): ArtifactListSearch {
  return present({ q: words(raw["q"]), kind: oneOf(ARTIFACT_KINDS, raw["kind"]) });
}

export function artifactSearch(raw: Raw): ArtifactSearch {
  return present({
    tab: oneOf(["lineage"], raw["tab"]),
    path: words(raw["path"]),
    way: oneOf(["back", "forward"], raw["way"]),
    depth: wholeNumber(raw["depth"], 1, 50),
    node: words(raw["node"]),
  });
}

export function taskListSearch(raw: Raw): TaskListSearch {
  return present({ q: words(raw["q"]), state: oneOf(TASK_STATES, raw["state"]) });
}

function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

function words(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : typeof value === "number" ? String(value) : undefined;
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((each) => each === value);
}

function list(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const kept = value.filter((each): each is string => typeof each === "string");
  return kept.length > 0 ? kept : undefined;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without what is undefined, so that addresses stay short. */
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
