/** Tasks for tests. Times are seconds after the beginning of 2026. */
import type { Attempt, Task } from "~/api/queries/run";

interface TaskSketch {
  node: string;
  parent?: string | null;
  kind?: string;
  phase?: Task["phase"];
  started?: number;
  ended?: number;
  cached?: boolean;
  attempts?: Attempt[];
}

interface AttemptSketch {
  number: number;
  scheduled: number;
  started?: number;
  ended?: number;
  outcome?: Attempt["outcome"];
}

function time(seconds: number): string {
  return new Date(Date.parse("2026-01-01T00:00:00Z") + seconds * 1000).toISOString();
}

export function aTask({ node, parent = "", kind = "CONTAINER", phase = "SUCCEEDED", ...more }: TaskSketch): Task {
  return {
    task_id: `id-of-${node}`,
    node,
    parent,
    name: node.replace(/^.*\//, "").replace(/\[\d+\]$/, ""),
    display_name: "",
    kind,
    index: null,
    phase,
    cached: more.cached ?? false,
    fingerprint: "",
    detail: "",
    created_at: time(0),
    started_at: more.started === undefined ? null : time(more.started),
    ended_at: more.ended === undefined ? null : time(more.ended),
    failure: null,
    inputs: { parameters: {}, artifacts: {} },
    outputs: { parameters: {}, artifacts: {} },
    attempts: more.attempts ?? [],
    history: [],
  };
}

export function anAttempt({ number, scheduled, started, ended, outcome = null }: AttemptSketch): Attempt {
  return {
    number,
    scheduled_at: time(scheduled),
    started_at: started === undefined ? null : time(started),
    ended_at: ended === undefined ? null : time(ended),
    outcome,
    failure: null,
    has_log: false,
    directory: "/attempt",
  };
}
