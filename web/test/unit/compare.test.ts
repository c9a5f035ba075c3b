import { expect, test } from "vitest";
import type { RunRow } from "~/api/queries/runs";
import { metricLines, parameterLines, share } from "~/pages/compare/differences";
import { brief, valueColumns, valueIn } from "~/pages/runs/columns";

function aRun(id: string, parameters: Record<string, unknown>, metrics: Record<string, number>): RunRow {
  return {
    id,
    name: id,
    state: "SUCCEEDED",
    experimentId: "",
    experiment: "",
    pipelineId: "",
    pipeline: "",
    version: "",
    createdAt: 0,
    finishedAt: 1,
    recurringId: "",
    recurring: "",
    archived: false,
    error: "",
    parameters,
    metrics,
  };
}

const RUNS = [
  aRun("a", { rows: 1, tags: ["x"] }, { loss: 0.5 }),
  aRun("b", { rows: 2, tags: ["x"], only: null }, { loss: -1, accuracy: 0.9 }),
];

test("lines tell what differs, also what only some have", () => {
  expect(parameterLines(RUNS).map((line) => [line.name, line.differs])).toEqual([
    ["only", true],
    ["rows", true],
    ["tags", false],
  ]);
  expect(metricLines(RUNS)[0]).toEqual({ name: "accuracy", values: [undefined, 0.9], differs: true });
});

test("bars are in proportion to the largest", () => {
  expect([share(0.5, [0.5, -1]), share(-1, [0.5, -1]), share(undefined, [1]), share(0, [0])]).toEqual([0.5, 1, 0, 0]);
});

test("values become columns, metrics first", () => {
  expect(valueColumns(RUNS)).toEqual(["m:accuracy", "m:loss", "p:only", "p:rows", "p:tags"]);
  expect(RUNS.map((run) => valueIn(run, "m:loss"))).toEqual([0.5, -1]);
});

test.each([
  [undefined, ""],
  [0.123456, "0.1235"],
  [1e-7, "1.00e-7"],
  [12, "12"],
  ["text", "text"],
  [["a"], '["a"]'],
])("%j is shown as %s", (value, words) => {
  expect(brief(value)).toBe(words);
});
