import { expect, test } from "vitest";
import type { Structure } from "~/graph/model";
import { stepsOf } from "~/pages/run/steps";
import { criticalPath } from "~/pages/run/timeline/criticalPath";
import { moved, ticksOf, zoomed } from "~/pages/run/timeline/window";
import { anAttempt, aTask } from "../tasks";

const ROOT = aTask({ node: ".", parent: null, kind: "DAG" });

function ran(node: string, from: number, to: number, parent = ".") {
  const attempts = [anAttempt({ number: 1, scheduled: from, started: from, ended: to, outcome: "SUCCEEDED" })];
  return aTask({ node, parent, started: from, ended: to, attempts });
}

function graph(tasks: Record<string, { after?: string[]; component?: string }>) {
  return Object.entries(tasks).map(([key, { after = [], component = "" }]) => ({ key, depends_on: after, component }));
}

test("the chain goes back through what each step waited for, into loops and out of them", () => {
  const structure = {
    graphs: {
      root: graph({
        load: {},
        other: {},
        loop: { after: ["load", "other"], component: "body" },
        end: { after: ["loop"] },
      }),
      body: graph({ prepare: {}, fit: { after: ["prepare"] } }),
    },
  } as unknown as Structure;
  const steps = stepsOf([
    ROOT,
    ran("load", 0, 5),
    ran("other", 0, 9),
    aTask({ node: "loop", parent: ".", kind: "LOOP", started: 9, ended: 20 }),
    aTask({ node: "loop[0]", parent: "loop", kind: "DAG", started: 9, ended: 12 }),
    ran("loop[0]/prepare", 9, 10, "loop[0]"),
    ran("loop[0]/fit", 10, 12, "loop[0]"),
    aTask({ node: "loop[1]", parent: "loop", kind: "DAG", started: 9, ended: 20 }),
    ran("loop[1]/prepare", 9, 11, "loop[1]"),
    ran("loop[1]/fit", 11, 20, "loop[1]"),
    ran("end", 20, 21),
  ]);
  expect(criticalPath(steps, structure)).toEqual(["other", "loop[1]/prepare", "loop[1]/fit", "end"]);
});

test("iterations that run one after another wait for each other; what runs still ends last", () => {
  const structure = { graphs: { root: graph({ loop: { component: "body" } }), body: graph({ fit: {} }) } };
  const attempts = [anAttempt({ number: 1, scheduled: 3, started: 4 })];
  const steps = stepsOf([
    ROOT,
    aTask({ node: "loop", parent: ".", kind: "LOOP", started: 0 }),
    aTask({ node: "loop[0]", parent: "loop", kind: "DAG", started: 0, ended: 3 }),
    ran("loop[0]/fit", 0, 3, "loop[0]"),
    aTask({ node: "loop[1]", parent: "loop", kind: "DAG", started: 3 }),
    aTask({ node: "loop[1]/fit", parent: "loop[1]", phase: "RUNNING", started: 4, attempts }),
  ]);
  expect(criticalPath(steps, structure as unknown as Structure)).toEqual(["loop[0]/fit", "loop[1]/fit"]);
  expect(criticalPath([], null)).toEqual([]);
});

test("a window of time is magnified around a point and stays within the whole", () => {
  const whole = { from: 0, to: 1000 };
  expect(zoomed(whole, whole, 2, 500)).toEqual({ from: 250, to: 750 });
  expect(zoomed(whole, whole, 2, 0)).toEqual({ from: 0, to: 500 });
  expect(moved({ from: 250, to: 750 }, whole, 600)).toEqual({ from: 500, to: 1000 });
  expect(zoomed({ from: 250, to: 750 }, whole, 0.1, 500)).toEqual(whole);
});

test("marks stand at round times since the beginning", () => {
  const ticks = ticksOf({ from: 1_000_700, to: 1_012_000 }, 1_000_000, 8);
  expect(ticks.map((tick) => tick.since)).toEqual([2000, 4000, 6000, 8000, 10_000, 12_000]);
});
