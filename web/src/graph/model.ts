/** A pipeline's graphs, nested, with what a run has made of them. Pure. */
import type { Schemas } from "~/api/client";
import { type Task, taskState } from "~/api/queries/run";
import type { StateName } from "~/states/states";

export type Structure = Schemas["StructureView"];
type GraphTask = Structure["graphs"][string][number];

/** How many nodes of the run are in which state, for one task of the pipeline. */
export type Counts = Partial<Record<StateName, number>>;

export interface GraphNode {
  /** The keys of the tasks around it and its own, joined by "/". */
  path: string;
  name: string;
  task: GraphTask;
  counts: Counts;
  /** The node of the run that stands for it: the only one, or the first that needs attention. */
  runNode: string | null;
  /** Null for a task without a graph of its own, or one that is folded. */
  inside: Graph | null;
  foldable: boolean;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** Names of what is handed over; empty where only the order is given. */
  data: string[];
  artifact: boolean;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const URGENCY: readonly StateName[] = [
  "FAILED",
  "RUNNING",
  "CANCELING",
  "PENDING",
  "CANCELED",
  "PAUSED",
  "SUCCEEDED",
  "CACHED",
  "SKIPPED",
  "UNKNOWN",
];

/** The path of a node of a run without the numbers of iterations. */
export function plainPath(node: string): string {
  return node.replace(/\[\d+\]/g, "");
}

/** The state that a person should see first. */
export function worst(counts: Counts): StateName {
  return URGENCY.find((state) => (counts[state] ?? 0) > 0) ?? "UNKNOWN";
}

/** Builds the graph of a pipeline; groups in *open* show what is inside. */
export function graphOf(structure: Structure, tasks: readonly Task[], open: (path: string) => boolean): Graph {
  const byPath = new Map<string, Task[]>();
  for (const task of tasks) {
    // A loop and its iterations share a path; the loop as a whole tells their states apart.
    if (task.kind === "LOOP") continue;
    const path = plainPath(task.node);
    const known = byPath.get(path);
    if (known) known.push(task);
    else byPath.set(path, [task]);
  }
  return level(structure, "root", "", byPath, open, new Set());
}

function level(
  structure: Structure,
  component: string,
  prefix: string,
  byPath: ReadonlyMap<string, Task[]>,
  open: (path: string) => boolean,
  around: ReadonlySet<string>,
): Graph {
  const tasks = structure.graphs[component] ?? [];
  const known = new Set(tasks.map((task) => task.key));
  const nodes = tasks.map((task): GraphNode => {
    const path = prefix ? `${prefix}/${task.key}` : task.key;
    const found = byPath.get(path) ?? [];
    const foldable = task.component in structure.graphs && !around.has(task.component);
    return {
      path,
      name: task.display_name,
      task,
      counts: countsOf(found),
      runNode: mostUrgent(found),
      foldable,
      inside:
        foldable && open(path)
          ? level(structure, task.component, path, byPath, open, new Set([...around, task.component]))
          : null,
    };
  });
  const edges = tasks.flatMap((task) =>
    task.depends_on
      .filter((producer) => known.has(producer))
      .map((producer): GraphEdge => {
        const handed = task.edges.filter((edge) => edge.producer === producer);
        const at = (key: string) => (prefix ? `${prefix}/${key}` : key);
        return {
          from: at(producer),
          to: at(task.key),
          data: [...new Set(handed.map((edge) => edge.output))],
          artifact: handed.some((edge) => edge.is_artifact),
        };
      }),
  );
  return { nodes, edges };
}

function countsOf(tasks: readonly Task[]): Counts {
  const counts: Counts = {};
  for (const task of tasks) {
    const state = taskState(task);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

function mostUrgent(tasks: readonly Task[]): string | null {
  let best: Task | null = null;
  let rank = URGENCY.length;
  for (const task of tasks) {
    const mine = URGENCY.indexOf(taskState(task));
    if (mine < rank) {
      best = task;
      rank = mine;
    }
  }
  return best?.node ?? null;
}
