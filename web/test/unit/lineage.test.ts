import { expect, test } from "vitest";
import type { Lineage } from "~/api/queries/artifacts";
import type { TaskBrief } from "~/api/queries/tasks";
import { layOut } from "~/graph/layout";
import { type Artifact, graphOfLineage, kinOf } from "~/lineage/model";

type Role = Lineage["edges"][number]["role"];

function artifact(id: string): Lineage["nodes"][number] {
  return { id, kind: "ARTIFACT", artifact: { artifact_id: id, name: id } as Artifact, task: null };
}

function task(id: string, at: number): Lineage["nodes"][number] {
  const brief = { task_id: id, display_name: id.replace(/\d+$/, ""), created_at: `2026-01-0${at}` } as TaskBrief;
  return { id, kind: "TASK", artifact: null, task: brief };
}

const edge = (source: string, target: string, role: Role, key = "x") => ({ source, target, role, key, index: 0 });

/** One data set, trained on once and served from the cache three times; two looks at the model. */
const LINEAGE: Lineage = {
  nodes: [
    artifact("data"),
    artifact("model"),
    ...[1, 2, 3, 4].map((each) => task(`train${each}`, each)),
    task("look1", 5),
    task("look2", 6),
  ],
  edges: [
    ...[1, 2, 3, 4].map((each) => edge("data", `train${each}`, "USED")),
    edge("train1", "model", "PRODUCED"),
    ...[2, 3, 4].map((each) => edge(`train${each}`, "model", "REUSED")),
    edge("model", "look1", "USED", "a"),
    edge("model", "look1", "USED", "b"),
    edge("model", "look2", "USED", "a"),
  ],
  truncated: false,
};

test("tasks that the cache served alike stand as one, and unfold; who made something stands alone", () => {
  const { nodes, edges } = graphOfLineage(LINEAGE, new Set());
  const groups = nodes.flatMap((node) => (node.kind === "tasks" ? [node] : []));
  expect(groups.map((group) => group.tasks.map((each) => each.task_id))).toEqual([["train4", "train3", "train2"]]);
  const group = groups[0]?.id ?? "";
  expect(edges.filter((each) => each.target === "model").map(({ source, reused }) => [source, reused])).toEqual([
    ["train1", false],
    [group, true],
  ]);
  expect(edges.find((each) => each.target === "look1")?.keys).toEqual(["a", "b"]);
  const unfolded = graphOfLineage(LINEAGE, new Set([group]));
  expect(unfolded.nodes.every((node) => node.kind !== "tasks")).toBe(true);
  expect(unfolded.edges).toHaveLength(10);
});

test("the kin of a node is what led to it and what came of it", () => {
  const { edges } = graphOfLineage(LINEAGE, new Set());
  expect([...kinOf(edges, "train1")].sort()).toEqual(["data", "look1", "look2", "model", "train1"]);
});

test("a lineage goes from left to right", () => {
  const { nodes, edges } = graphOfLineage(LINEAGE, new Set());
  const { places } = layOut({
    flow: "right",
    nodes: nodes.map(({ id }) => ({ path: id, width: 200, height: 48, inside: null })),
    edges: edges.map(({ source, target }) => ({ from: source, to: target })),
  });
  for (const { source, target } of edges) {
    const [from, to] = [places[source], places[target]];
    if (!from || !to) throw new Error("not everything has a place");
    expect(to.x).toBeGreaterThan(from.x + from.width);
    expect(to.height).toBe(48);
  }
});
