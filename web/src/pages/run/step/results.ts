/** What steps have made that is worth looking at. Pure. */
import type { Task } from "~/api/queries/run";
import type { Step } from "../steps";

export type Artifact = Task["outputs"]["artifacts"][string][number];

export interface Result {
  step: Step;
  output: string;
  artifact: Artifact;
}

export interface MetricRow {
  step: Step;
  values: Record<string, number | string>;
}

const DRAWN = new Set([
  "system.ClassificationMetrics",
  "system.SlicedClassificationMetrics",
  "system.Markdown",
  "system.HTML",
]);

/** The artifacts that leaves have given out, in the order of the steps. */
export function resultsOf(steps: readonly Step[]): Result[] {
  const found: Result[] = [];
  const seen = new Set<string>();
  const look = (step: Step, isTop: boolean) => {
    for (const [output, artifacts] of Object.entries(step.task.outputs.artifacts)) {
      // A group hands on what the steps inside have made.
      if (step.children.length > 0 && !isTop) break;
      for (const artifact of artifacts) {
        if (seen.has(artifact.artifact_id)) continue;
        seen.add(artifact.artifact_id);
        found.push({ step, output, artifact });
      }
    }
    for (const child of step.children) look(child, false);
  };
  for (const step of steps) look(step, steps.length === 1);
  return found;
}

/** Whether an artifact is drawn at once; others are opened by a click. */
export function isDrawn({ type }: Artifact): boolean {
  return DRAWN.has(type);
}

/** Scalar metrics, one row a step; with the names of all. */
export function metricsOf(results: readonly Result[]): { names: string[]; rows: MetricRow[] } {
  const rows = new Map<string, MetricRow>();
  const names = new Set<string>();
  for (const { step, artifact } of results) {
    if (artifact.type !== "system.Metrics") continue;
    const row = rows.get(step.node) ?? { step, values: {} };
    for (const [name, value] of Object.entries(artifact.metadata)) {
      if (typeof value !== "number" && typeof value !== "string") continue;
      if (name === "display_name" || name === "store_session_info") continue;
      row.values[name] = value;
      names.add(name);
    }
    if (Object.keys(row.values).length > 0) rows.set(step.node, row);
  }
  return { names: [...names], rows: [...rows.values()] };
}
