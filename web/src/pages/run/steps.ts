/** The steps of a run as a tree with time bars. Pure. */
import { type Task, taskState } from "~/api/queries/run";
import { instant } from "~/format/time";
import type { StateName } from "~/states/states";

export interface Step {
  node: string;
  name: string;
  kind: string;
  state: StateName;
  depth: number;
  parent: string | null;
  children: Step[];
  startedAt: number | null;
  endedAt: number | null;
  /** Time slices of its attempts; without any for groups. */
  bars: Bar[];
  task: Task;
}

export interface Bar {
  from: number;
  /** Null while it goes on. */
  to: number | null;
  what: "queued" | "ran" | "failed";
}

export interface Span {
  from: number;
  to: number;
}

/** The steps below the root as a tree, in the order in which they began. */
export function stepsOf(tasks: readonly Task[]): Step[] {
  const known = new Map<string, Step>();
  const top: Step[] = [];
  for (const task of tasks) {
    if (task.parent === null) continue;
    const parent = known.get(task.parent);
    const step = stepOf(task, parent);
    known.set(task.node, step);
    (parent ? parent.children : top).push(step);
  }
  for (const step of known.values()) step.children.sort(byBeginning);
  return top.sort(byBeginning);
}

/** What began first comes first; what has not begun keeps its order behind that. */
function byBeginning(one: Step, other: Step): number {
  return (one.startedAt ?? one.endedAt ?? Number.MAX_VALUE) - (other.startedAt ?? other.endedAt ?? Number.MAX_VALUE);
}

type Own = Pick<Step, "node" | "name" | "kind" | "state" | "startedAt" | "endedAt" | "bars" | "task">;

/** What a task says by itself, read once: of a thousand tasks a few change at a time. */
const read = new WeakMap<Task, Own>();

function stepOf(task: Task, parent: Step | undefined): Step {
  let own = read.get(task);
  if (own === undefined) {
    own = ownOf(task);
    read.set(task, own);
  }
  return { ...own, depth: parent ? parent.depth + 1 : 0, parent: parent ? parent.node : null, children: [] };
}

function ownOf(task: Task): Own {
  return {
    node: task.node,
    name: task.display_name || task.name,
    kind: task.kind,
    state: taskState(task),
    startedAt: instant(task.started_at),
    endedAt: instant(task.ended_at),
    bars: task.attempts.flatMap(barsOf),
    task,
  };
}

function barsOf(attempt: Task["attempts"][number]): Bar[] {
  const scheduled = instant(attempt.scheduled_at);
  const started = instant(attempt.started_at);
  const ended = instant(attempt.ended_at);
  const bars: Bar[] = [];
  if (scheduled !== null) bars.push({ from: scheduled, to: started ?? ended, what: "queued" });
  if (started !== null) {
    const failed = attempt.outcome !== null && attempt.outcome !== "SUCCEEDED";
    bars.push({ from: started, to: ended, what: failed ? "failed" : "ran" });
  }
  return bars;
}

/** Rows of the tree with the children of *folded* steps left out. */
export function visibleSteps(steps: readonly Step[], folded: ReadonlySet<string>): Step[] {
  const rows: Step[] = [];
  const add = (some: readonly Step[]) => {
    for (const step of some) {
      rows.push(step);
      if (!folded.has(step.node)) add(step.children);
    }
  };
  add(steps);
  return rows;
}

/** From the first thing that any step did to the last, or to *now* while something goes on. */
export function spanOf(steps: readonly Step[], now: number): Span {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  const look = (some: readonly Step[]) => {
    for (const step of some) {
      for (const bar of step.bars) {
        from = Math.min(from, bar.from);
        to = Math.max(to, bar.to ?? now);
      }
      if (step.startedAt !== null) {
        from = Math.min(from, step.startedAt);
        to = Math.max(to, step.endedAt ?? now);
      }
      look(step.children);
    }
  };
  look(steps);
  return from < to ? { from, to } : { from: now - 1, to: now };
}

/** *span* with an end that moves in few steps while the run is live, so that not every bar moves all the time. */
export function steadySpan(span: Span, live: boolean): Span {
  if (!live) return span;
  const length = Math.max(1000, span.to - span.from);
  const unit = 2 ** Math.floor(Math.log2(length)) / 8;
  return { from: span.from, to: span.from + Math.ceil(length / unit) * unit };
}

/** The step whose failure began the failure of the run: the innermost one that failed first. */
export function failedStep(steps: readonly Step[]): Step | null {
  let first: Step | null = null;
  const look = (some: readonly Step[]) => {
    for (const step of some) {
      if (step.state === "FAILED" && step.children.every((child) => child.state !== "FAILED")) {
        if (first === null || (step.endedAt ?? 0) < (first.endedAt ?? 0)) first = step;
      }
      look(step.children);
    }
  };
  look(steps);
  return first;
}

/** How many leaves have ended, and how many there are. */
export function progressOf(steps: readonly Step[]): { done: number; total: number } {
  let done = 0;
  let total = 0;
  const look = (some: readonly Step[]) => {
    for (const step of some) {
      if (step.children.length > 0) look(step.children);
      else {
        total += 1;
        if (step.endedAt !== null || step.state === "SKIPPED" || step.state === "CANCELED") done += 1;
      }
    }
  };
  look(steps);
  return { done, total };
}

/** The step of a node, or undefined where there is none. */
export function findStep(steps: readonly Step[], node: string | undefined): Step | undefined {
  if (node === undefined) return undefined;
  for (const step of steps) {
    if (step.node === node) return step;
    const inside = findStep(step.children, node);
    if (inside) return inside;
  }
  return undefined;
}

/** Whether properties of a component are the same, with a step that is as it was though it was made anew. */
export function sameWithStep<P extends { step: Step }>(one: P, other: P): boolean {
  return (Object.keys(other) as (keyof P)[]).every((key) =>
    key === "step" ? sameStep(one.step, other.step) : Object.is(one[key], other[key]),
  );
}

function sameStep(one: Step, other: Step): boolean {
  // Groups show what their steps have made.
  return (
    one.task === other.task && one.depth === other.depth && one.children.length === 0 && other.children.length === 0
  );
}
