/** A lineage as nodes and edges to draw. Tasks that did the same with the same artifacts stand as one. Pure. */
import type { Lineage } from "~/api/queries/artifacts";
import type { TaskBrief } from "~/api/queries/tasks";

export type Artifact = NonNullable<Lineage["nodes"][number]["artifact"]>;
type WireEdge = Lineage["edges"][number];

export type LineageNode =
  | { kind: "artifact"; id: string; artifact: Artifact }
  | { kind: "task"; id: string; task: TaskBrief }
  /** Several tasks of one name, with the same artifacts in and out; the newest first. */
  | { kind: "tasks"; id: string; name: string; tasks: TaskBrief[] };

export interface LineageEdge {
  source: string;
  target: string;
  /** Whether the cache handed the artifact out, and no task made it there. */
  reused: boolean;
  /** The names of the inputs or outputs. */
  keys: string[];
}

export interface LineageGraph {
  nodes: LineageNode[];
  edges: LineageEdge[];
}

/** So many alike become one. */
const ALIKE = 3;

/** The graph of a lineage; groups whose id is in *unfolded* show each of their tasks. */
export function graphOfLineage(lineage: Lineage, unfolded: ReadonlySet<string>): LineageGraph {
  const groups = groupsOf(lineage);
  const standsFor = new Map<string, string>();
  const nodes: LineageNode[] = [];
  for (const { id, artifact } of lineage.nodes) {
    if (artifact) nodes.push({ kind: "artifact", id, artifact });
  }
  for (const [id, tasks] of groups) {
    const [first] = tasks;
    if (first === undefined) continue;
    if (tasks.length < ALIKE || unfolded.has(id)) {
      for (const task of tasks) nodes.push({ kind: "task", id: task.task_id, task });
      continue;
    }
    const newest = [...tasks].sort((one, other) => other.created_at.localeCompare(one.created_at));
    nodes.push({ kind: "tasks", id, name: first.display_name, tasks: newest });
    for (const task of tasks) standsFor.set(task.task_id, id);
  }
  return { nodes, edges: edgesOf(lineage.edges, standsFor) };
}

/** Tasks by what they have in common: name, inputs and outputs. */
function groupsOf({ nodes, edges }: Lineage): Map<string, TaskBrief[]> {
  const around = new Map<string, string[]>();
  const makers = new Set<string>();
  for (const edge of edges) {
    const into = edge.role === "USED";
    const [task, artifact] = into ? [edge.target, edge.source] : [edge.source, edge.target];
    const words = `${into ? "in" : "out"} ${edge.key} ${artifact}`;
    const known = around.get(task);
    if (known) known.push(words);
    else around.set(task, [words]);
    if (edge.role === "PRODUCED") makers.add(task);
  }
  const groups = new Map<string, TaskBrief[]>();
  for (const { task } of nodes) {
    if (!task) continue;
    // Who made something stands for itself; whom the cache served is one of many.
    const own = makers.has(task.task_id) ? task.task_id : "";
    const id = [task.display_name, own, ...(around.get(task.task_id) ?? []).sort()].join("\n");
    groups.set(id, [...(groups.get(id) ?? []), task]);
  }
  return groups;
}

function edgesOf(edges: readonly WireEdge[], standsFor: ReadonlyMap<string, string>): LineageEdge[] {
  const found = new Map<string, LineageEdge>();
  for (const { source, target, role, key } of edges) {
    const edge = { source: standsFor.get(source) ?? source, target: standsFor.get(target) ?? target };
    const id = `${edge.source}\n${edge.target}`;
    const known = found.get(id);
    if (known === undefined) found.set(id, { ...edge, reused: role === "REUSED", keys: [key] });
    else if (!known.keys.includes(key)) known.keys.push(key);
  }
  return [...found.values()];
}

/** What led to a node and what came of it, with itself. */
export function kinOf(edges: readonly LineageEdge[], id: string): Set<string> {
  return new Set([...reach(edges, id, "source", "target"), ...reach(edges, id, "target", "source")]);
}

function reach(edges: readonly LineageEdge[], id: string, from: "source" | "target", to: "source" | "target") {
  const next = new Map<string, string[]>();
  for (const edge of edges) next.set(edge[from], [...(next.get(edge[from]) ?? []), edge[to]]);
  const seen = new Set([id]);
  for (const each of seen) for (const other of next.get(each) ?? []) seen.add(other);
  return seen;
}
