import { expect, test } from "vitest";
import { layOut } from "~/graph/layout";
import { graphOf, plainPath, type Structure, worst } from "~/graph/model";
import { conditionInWords } from "~/graph/words";
import { aTask } from "../tasks";

type GraphTask = Structure["graphs"][string][number];

function task(key: string, more: Partial<GraphTask> = {}): GraphTask {
  return {
    key,
    display_name: key,
    component: `comp-${key}`,
    kind: "CONTAINER",
    depends_on: [],
    edges: [],
    given: {},
    condition: "",
    is_exit: false,
    loop: "",
    parallelism: 0,
    max_retries: 0,
    caching: true,
    image: "python:3.12",
    ...more,
  };
}

const STRUCTURE: Structure = {
  name: "shapes",
  display_name: "shapes",
  description: "",
  sdk_version: "",
  parameters: [],
  artifacts: [],
  graphs: {
    root: [
      task("make"),
      task("loop", {
        kind: "DAG",
        loop: "4 items",
        depends_on: ["make"],
        edges: [{ producer: "make", output: "data", input: "in", is_artifact: true }],
      }),
      task("end", { depends_on: ["loop"] }),
    ],
    "comp-loop": [task("fit"), task("check", { depends_on: ["fit"] })],
  },
};

test("iterations are counted at the task that they repeat", () => {
  const tasks = [
    aTask({ node: "", parent: null, kind: "DAG" }),
    aTask({ node: "loop", kind: "LOOP" }),
    ...[0, 1, 2].flatMap((index) => [
      aTask({ node: `loop[${index}]`, parent: "loop", kind: "DAG" }),
      aTask({ node: `loop[${index}]/fit`, parent: `loop[${index}]`, phase: index === 1 ? "FAILED" : "SUCCEEDED" }),
    ]),
  ];
  const graph = graphOf(STRUCTURE, tasks, () => true);
  const loop = graph.nodes.find((node) => node.path === "loop");
  expect(loop?.counts).toEqual({ SUCCEEDED: 3 });
  const fit = loop?.inside?.nodes.find((node) => node.path === "loop/fit");
  expect(fit?.counts).toEqual({ SUCCEEDED: 2, FAILED: 1 });
  expect(fit?.runNode).toBe("loop[1]/fit");
  expect(worst(fit?.counts ?? {})).toBe("FAILED");
});

test("edges know what they carry", () => {
  expect(graphOf(STRUCTURE, [], () => false).edges).toEqual([
    { from: "make", to: "loop", data: ["data"], artifact: true },
    { from: "loop", to: "end", data: [], artifact: false },
  ]);
});

test("a pipeline that contains itself stays finite", () => {
  const structure: Structure = { ...STRUCTURE, graphs: { root: [task("again", { component: "root", kind: "DAG" })] } };
  const again = graphOf(structure, [], () => true).nodes[0];
  expect(again?.inside?.nodes[0]?.foldable).toBe(false);
});

test("an open group holds what is inside, and nothing overlaps", () => {
  const placed = layOut({
    nodes: [
      { path: "make", width: 160, inside: null },
      {
        path: "loop",
        width: 160,
        inside: {
          nodes: [
            { path: "loop/fit", width: 160, inside: null },
            { path: "loop/check", width: 200, inside: null },
          ],
          edges: [{ from: "loop/fit", to: "loop/check" }],
        },
      },
    ],
    edges: [{ from: "make", to: "loop" }],
  });
  const { make, loop } = { make: placed.places["make"], loop: placed.places["loop"] };
  const check = placed.places["loop/check"];
  if (!make || !loop || !check) throw new Error("not everything has a place");
  expect(loop.y).toBeGreaterThan(make.y + make.height);
  expect(check.x).toBeGreaterThanOrEqual(0);
  expect(check.x + check.width).toBeLessThanOrEqual(loop.width);
  expect(check.y + check.height).toBeLessThanOrEqual(loop.height);
});

test("conditions lose what the compiler put around names", () => {
  expect(conditionInWords("int(inputs.parameter_values['pipelinechannel--check-Output']) == 1")).toBe(
    "check-Output == 1",
  );
  expect(plainPath("train/for-loop-1[3]/fit")).toBe("train/for-loop-1/fit");
});
