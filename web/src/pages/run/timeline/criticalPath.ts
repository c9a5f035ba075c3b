/** The steps that determined when a run ended: each waited for the one before it. Pure. */
import type { Structure } from "~/graph/model";
import type { Step } from "../steps";

/** The leaves on the critical path, the first one first. Without a *structure* only times are known. */
export function criticalPath(steps: readonly Step[], structure: Structure | null): string[] {
  const known = new Map<string, Step>();
  index(steps, known);
  const path: string[] = [];
  let at = lastLeaf(steps);
  while (at !== null && !path.includes(at.node)) {
    path.unshift(at.node);
    at = awaited(at, steps, known, structure);
  }
  return path;
}

/** The leaf whose end let *step* begin; null for one that the run began with. */
function awaited(
  step: Step,
  top: readonly Step[],
  known: ReadonlyMap<string, Step>,
  structure: Structure | null,
): Step | null {
  let inner: Step | undefined = step;
  while (inner) {
    const around: Step | undefined = inner.parent === null ? undefined : known.get(inner.parent);
    const siblings = around ? around.children : top;
    const found =
      around?.kind === "LOOP"
        ? lastLeaf(beforeInLoop(inner, around, siblings))
        : lastLeaf(producers(inner, around, siblings, known, structure));
    if (found) return found;
    inner = around;
  }
  return null;
}

function producers(
  step: Step,
  around: Step | undefined,
  siblings: readonly Step[],
  known: ReadonlyMap<string, Step>,
  structure: Structure | null,
): Step[] {
  if (structure === null) {
    const begun = beginOf(step);
    return siblings.filter((each) => each !== step && each.endedAt !== null && each.endedAt <= begun);
  }
  const component = around ? componentOf(around, known, structure) : "root";
  const task = structure.graphs[component ?? ""]?.find((each) => each.key === step.task.name);
  return siblings.filter((each) => task?.depends_on.includes(each.task.name));
}

/** Where only some iterations may run at a time, one begins as another ends. */
function beforeInLoop(step: Step, loop: Step, siblings: readonly Step[]): Step[] {
  const begun = beginOf(step);
  if (begun - beginOf(loop) < 1) return [];
  return siblings.filter((each) => each !== step && each.endedAt !== null && each.endedAt <= begun + 1);
}

function componentOf(group: Step, known: ReadonlyMap<string, Step>, structure: Structure): string | undefined {
  const around = group.parent === null ? undefined : known.get(group.parent);
  // An iteration is what its loop is.
  if (around?.kind === "LOOP") return componentOf(around, known, structure);
  const outer = around ? componentOf(around, known, structure) : "root";
  return structure.graphs[outer ?? ""]?.find((each) => each.key === group.task.name)?.component;
}

/** The leaf that ended last, of those that ran at all. */
function lastLeaf(steps: readonly Step[]): Step | null {
  let last: Step | null = null;
  const look = (some: readonly Step[]) => {
    for (const step of some) {
      if (step.children.length > 0) look(step.children);
      else if (ranAt(step) !== null && (last === null || (ranAt(step) ?? 0) > (ranAt(last) ?? 0))) last = step;
    }
  };
  look(steps);
  return last;
}

/** What still runs ends after all that has ended. */
function ranAt(step: Step): number | null {
  if (step.bars.length === 0) return step.state === "CACHED" ? step.endedAt : null;
  return step.endedAt ?? Number.MAX_VALUE;
}

function beginOf(step: Step): number {
  return step.bars[0]?.from ?? step.startedAt ?? step.endedAt ?? Number.MAX_VALUE;
}

function index(steps: readonly Step[], known: Map<string, Step>): void {
  for (const step of steps) {
    known.set(step.node, step);
    index(step.children, known);
  }
}
