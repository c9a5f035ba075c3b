/** States of runs and tasks, as people see them. */

export type Tone = "ok" | "bad" | "run" | "wait" | "warn" | "cached" | "skip";
export type StateName =
  | "PENDING"
  | "RUNNING"
  | "SUCCEEDED"
  | "SKIPPED"
  | "FAILED"
  | "CANCELING"
  | "CANCELED"
  | "PAUSED"
  | "CACHED"
  | "UNKNOWN";

export const TONES: Record<StateName, Tone> = {
  PENDING: "wait",
  RUNNING: "run",
  SUCCEEDED: "ok",
  SKIPPED: "skip",
  FAILED: "bad",
  CANCELING: "warn",
  CANCELED: "warn",
  PAUSED: "wait",
  CACHED: "cached",
  UNKNOWN: "skip",
};

const FINAL: ReadonlySet<StateName> = new Set(["SUCCEEDED", "SKIPPED", "FAILED", "CANCELED", "CACHED"]);

export function stateName(state: string | null | undefined, cached = false): StateName {
  if (cached && state === "SUCCEEDED") return "CACHED";
  return state && state in TONES ? (state as StateName) : "UNKNOWN";
}

export function hasEnded(state: StateName): boolean {
  return FINAL.has(state);
}
