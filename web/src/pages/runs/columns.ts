/** Parameters and metrics as columns of a list of runs. Pure. */
import type { RunRow } from "~/api/queries/runs";

/** `p:NAME` for a parameter, `m:NAME` for a metric. */
export type ValueColumn = string;

/** Every value that some of the runs have: metrics first, then parameters, each by name. */
export function valueColumns(rows: readonly RunRow[]): ValueColumn[] {
  const metrics = new Set(rows.flatMap((row) => Object.keys(row.metrics)));
  const parameters = new Set(rows.flatMap((row) => Object.keys(row.parameters)));
  return [...[...metrics].sort().map((name) => `m:${name}`), ...[...parameters].sort().map((name) => `p:${name}`)];
}

/** What a run has in a column; undefined for nothing. */
export function valueIn(row: RunRow, column: ValueColumn): unknown {
  return column.startsWith("m:") ? row.metrics[column.slice(2)] : row.parameters[column.slice(2)];
}

/** A value in a few characters. */
export function brief(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "number" && !Number.isInteger(value)) {
    const size = Math.abs(value);
    return size >= 0.001 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
