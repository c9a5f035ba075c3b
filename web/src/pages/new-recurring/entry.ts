/** A trigger between the form and the wire. Pure. */
import type { Trigger } from "~/api/queries/recurring";
import type { Zone } from "~/format/time";
import { splitZone, withZone } from "~/schedule/cron";

export type Unit = "second" | "minute" | "hour" | "day";

export const UNITS: Record<Unit, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** What stands in the form. Times are as the browser's own control writes them, in the viewer's zone. */
export interface TriggerEntry {
  kind: "cron" | "interval";
  expression: string;
  /** "" is the server's. */
  zone: string;
  count: string;
  unit: Unit;
  start: string;
  end: string;
}

export type TriggerFault = "interval" | "end";

const NEW: TriggerEntry = {
  kind: "cron",
  expression: "0 0 6 * * *",
  zone: "",
  count: "1",
  unit: "hour",
  start: "",
  end: "",
};

/** What the form begins with: the given trigger, or every morning. */
export function entryOfTrigger(trigger: Trigger | undefined, viewer: Zone): TriggerEntry {
  if (!trigger) return NEW;
  const bounds = { start: localOf(trigger.start, viewer), end: localOf(trigger.end, viewer) };
  if (trigger.kind === "interval") return { ...NEW, ...bounds, kind: "interval", ...largest(trigger.seconds) };
  const { zone, rest } = splitZone(trigger.expression);
  return { ...NEW, ...bounds, expression: rest, zone };
}

/** The trigger that the form describes. Whether an expression is right, the server says. */
export function triggerOf(
  entry: TriggerEntry,
  viewer: Zone,
): { trigger: NonNullable<Trigger>; fault: TriggerFault | null } {
  const start = instantOf(entry.start, viewer);
  const end = instantOf(entry.end, viewer);
  const wrongEnd = start !== null && end !== null && end < start ? "end" : null;
  if (entry.kind === "cron") {
    const expression = withZone(entry.zone, entry.expression);
    return { trigger: { kind: "cron", expression, start, end }, fault: wrongEnd };
  }
  const count = Number(entry.count);
  const fault = Number.isInteger(count) && count >= 1 ? wrongEnd : "interval";
  return { trigger: { kind: "interval", seconds: count * UNITS[entry.unit], start, end }, fault };
}

/** The next times of an interval: whole steps behind its start, or behind its creation now. */
export function intervalTimes(seconds: number, start: number | null, end: number | null, now: number): number[] {
  const step = seconds * 1000;
  const anchor = start ?? now;
  const passed = Math.max(0, Math.floor((now - anchor) / step));
  return [1, 2, 3, 4, 5].map((each) => anchor + (passed + each) * step).filter((at) => end === null || at <= end);
}

/** An instant as a control for date and time takes it; "" for none. */
export function localOf(at: number | null, viewer: Zone): string {
  if (at === null) return "";
  const shift = viewer === "utc" ? 0 : new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - shift).toISOString().slice(0, 16);
}

/** The instant that such a control holds. */
export function instantOf(local: string, viewer: Zone): number | null {
  const at = Date.parse(viewer === "utc" ? `${local}Z` : local);
  return local === "" || Number.isNaN(at) ? null : at;
}

function largest(seconds: number): { count: string; unit: Unit } {
  const fitting = (["day", "hour", "minute"] as const).find((unit) => seconds % UNITS[unit] === 0);
  const unit = fitting ?? "second";
  return { count: String(seconds / UNITS[unit]), unit };
}
