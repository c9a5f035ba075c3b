import { expect, test } from "vitest";
import { failedStep, progressOf, spanOf, stepsOf, visibleSteps } from "~/pages/run/steps";
import { anAttempt, aTask } from "../tasks";

const ROOT = aTask({ node: "", parent: null, kind: "DAG" });

test("a tree in the order in which its steps began, folded where it is folded", () => {
  const steps = stepsOf([
    ROOT,
    aTask({ node: "late", started: 9 }),
    aTask({ node: "never", phase: "WAITING" }),
    aTask({ node: "loop", kind: "LOOP", started: 1 }),
    aTask({ node: "loop[0]", parent: "loop", kind: "DAG", started: 1 }),
    aTask({ node: "loop[0]/fit", parent: "loop[0]", started: 2 }),
  ]);
  expect(visibleSteps(steps, new Set()).map((step) => [step.node, step.depth])).toEqual([
    ["loop", 0],
    ["loop[0]", 1],
    ["loop[0]/fit", 2],
    ["late", 0],
    ["never", 0],
  ]);
  expect(visibleSteps(steps, new Set(["loop"])).map((step) => step.node)).toEqual(["loop", "late", "never"]);
});

test("waiting and running are told apart, and a failed attempt from the one behind it", () => {
  const attempts = [
    anAttempt({ number: 1, scheduled: 0, started: 2, ended: 3, outcome: "FAILED" }),
    anAttempt({ number: 2, scheduled: 4, started: 5 }),
  ];
  const [step] = stepsOf([ROOT, aTask({ node: "fit", phase: "RUNNING", started: 0, attempts })]);
  expect(step?.bars.map((bar) => [bar.what, bar.to === null])).toEqual([
    ["queued", false],
    ["failed", false],
    ["queued", false],
    ["ran", true],
  ]);
  const now = Date.parse("2026-01-01T00:00:20Z");
  expect(spanOf(step ? [step] : [], now)).toEqual({ from: Date.parse("2026-01-01T00:00:00Z"), to: now });
});

test("the failed step is the innermost one that failed first", () => {
  const steps = stepsOf([
    ROOT,
    aTask({ node: "group", kind: "DAG", phase: "FAILED", started: 0, ended: 9 }),
    aTask({ node: "group/b", parent: "group", phase: "FAILED", started: 1, ended: 8 }),
    aTask({ node: "group/a", parent: "group", phase: "FAILED", started: 1, ended: 5 }),
    aTask({ node: "fine", started: 0, ended: 1 }),
  ]);
  expect(failedStep(steps)?.node).toBe("group/a");
  expect(progressOf(steps)).toEqual({ done: 3, total: 3 });
});
