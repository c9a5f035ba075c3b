/** Values of parameters between the form and the wire. Pure. */
import type { Structure } from "~/graph/model";

export type Parameter = Structure["parameters"][number];

/** What stands in the form for a parameter: its text, or null for "leave it to the pipeline". */
export type Entry = string | null;

export type Read = { ok: true; value: unknown } | { ok: false; fault: Fault };
export type Fault = "missing" | "integer" | "number" | "list" | "struct";

/** The text for a value, as {@link read} takes it. */
export function entryOf(parameter: Parameter, value: unknown): Entry {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && parameter.type === "STRING") return value;
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** The value of an entry, or what is wrong with it. An empty text is a value only for strings. */
export function read(parameter: Parameter, entry: Entry): Read {
  if (parameter.type === "STRING" && entry !== null) return { ok: true, value: entry };
  const text = entry?.trim() ?? "";
  if (text === "") return parameter.optional ? { ok: true, value: undefined } : { ok: false, fault: "missing" };
  switch (parameter.type) {
    case "BOOLEAN":
      return { ok: true, value: text === "true" };
    case "NUMBER_INTEGER":
      return /^[+-]?\d+$/.test(text) ? { ok: true, value: Number(text) } : { ok: false, fault: "integer" };
    case "NUMBER_DOUBLE":
      return Number.isFinite(Number(text)) ? { ok: true, value: Number(text) } : { ok: false, fault: "number" };
    case "LIST":
      return json(text, "list", Array.isArray);
    case "STRUCT":
      return json(text, "struct", (value) => typeof value === "object" && value !== null && !Array.isArray(value));
    default:
      return { ok: true, value: text };
  }
}

function json(text: string, fault: Fault, fits: (value: unknown) => boolean): Read {
  try {
    const value: unknown = JSON.parse(text);
    return fits(value) ? { ok: true, value } : { ok: false, fault };
  } catch {
    return { ok: false, fault };
  }
}

/** All values that differ from leaving them out, and the faults of the others. */
export function readAll(
  parameters: readonly Parameter[],
  entries: Readonly<Record<string, Entry>>,
): { values: Record<string, unknown>; faults: Record<string, Fault> } {
  const values: Record<string, unknown> = {};
  const faults: Record<string, Fault> = {};
  for (const parameter of parameters) {
    const result = read(parameter, entries[parameter.name] ?? null);
    if (!result.ok) faults[parameter.name] = result.fault;
    else if (result.value !== undefined) values[parameter.name] = result.value;
  }
  return { values, faults };
}

/** What stands in the form at first, for each parameter. */
export function entriesOf(
  parameters: readonly Parameter[],
  values: Readonly<Record<string, unknown>>,
): Record<string, Entry> {
  return Object.fromEntries(
    parameters.map((parameter) => [parameter.name, entryOf(parameter, values[parameter.name])]),
  );
}
