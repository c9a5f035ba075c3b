/** What runs have in common and what not. Pure. */
import type { RunRow } from "~/api/queries/runs";

export interface Line<T> {
  name: string;
  /** One for each run; undefined where it has none. */
  values: (T | undefined)[];
  differs: boolean;
}

/** The parameters of all runs, a line each. */
export function parameterLines(runs: readonly RunRow[]): Line<unknown>[] {
  return lines(runs.map((run) => run.parameters));
}

/** The metrics of all runs, a line each. */
export function metricLines(runs: readonly RunRow[]): Line<number>[] {
  return lines(runs.map((run) => run.metrics));
}

function lines<T>(objects: readonly Readonly<Record<string, T>>[]): Line<T>[] {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))].sort();
  return names.map((name) => {
    const values = objects.map((object) => object[name]);
    const first = JSON.stringify(values[0]);
    return { name, values, differs: values.some((value) => JSON.stringify(value) !== first) };
  });
}

/** How long the bar of a value is, from 0 to 1: lengths are in proportion, negative values point to none. */
export function share(value: number | undefined, values: readonly (number | undefined)[]): number {
  const largest = Math.max(0, ...values.map((each) => Math.abs(each ?? 0)));
  return value === undefined || largest === 0 ? 0 : Math.abs(value) / largest;
}
