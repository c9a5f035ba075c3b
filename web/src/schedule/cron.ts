/** Cron expressions in KFP's dialect, as far as it takes to put them into words. Pure. The server alone decides. */

/** A field: the values that it names, and how it names them. */
export interface Field {
  values: readonly number[];
  /** All of them. */
  any: boolean;
  /** Every so many, from the first on; 0 for other ways. */
  step: number;
}

export interface Fields {
  seconds: Field;
  minutes: Field;
  hours: Field;
  days: Field;
  months: Field;
  weekdays: Field;
}

/** `every` is in seconds, for "@every 1h30m". */
export type Cron = { zone: string } & ({ every: number } | { fields: Fields });

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const NAMED: Record<string, string> = {
  "@yearly": "0 0 0 1 1 *",
  "@annually": "0 0 0 1 1 *",
  "@monthly": "0 0 0 1 * *",
  "@weekly": "0 0 0 * * 0",
  "@daily": "0 0 0 * * *",
  "@midnight": "0 0 0 * * *",
  "@hourly": "0 0 * * * *",
};
const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** What an expression says; null where it is none that we understand. Five fields begin with seconds, as upstream. */
export function parseCron(text: string): Cron | null {
  const { zone, rest } = splitZone(text);
  if (rest.startsWith("@every ")) {
    const every = secondsOf(rest.slice(7).trim());
    return every === null ? null : { zone, every };
  }
  const words = (NAMED[rest] ?? rest).split(/\s+/);
  if (words.length !== 5 && words.length !== 6) return null;
  const [seconds, minutes, hours, days, months, weekdays] = [
    fieldOf(words[0], 0, 59),
    fieldOf(words[1], 0, 59),
    fieldOf(words[2], 0, 23),
    fieldOf(words[3], 1, 31),
    fieldOf(words[4], 1, 12, MONTHS, 1),
    fieldOf(words[5] ?? "*", 0, 6, WEEKDAYS),
  ];
  if (!seconds || !minutes || !hours || !days || !months || !weekdays) return null;
  return { zone, fields: { seconds, minutes, hours, days, months, weekdays } };
}

/** The zone that an expression names in front, and the rest of it. */
export function splitZone(text: string): { zone: string; rest: string } {
  const match = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/s.exec(text.trim());
  return match ? { zone: match[1] ?? "", rest: (match[2] ?? "").trim() } : { zone: "", rest: text.trim() };
}

/** The expression with a zone in front; "" leaves it to the server. */
export function withZone(zone: string, expression: string): string {
  return zone === "" ? expression.trim() : `CRON_TZ=${zone} ${expression.trim()}`;
}

function secondsOf(duration: string): number | null {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== duration) return null;
  const seconds = parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ""] ?? 0), 0);
  return Math.max(1, Math.floor(seconds));
}

function fieldOf(
  word: string | undefined,
  low: number,
  high: number,
  names: readonly string[] = [],
  base = 0,
): Field | null {
  const values = new Set<number>();
  let any = false;
  let step = 0;
  const parts = (word ?? "").split(",").filter(Boolean);
  for (const part of parts) {
    const match = /^([^/-]+)(?:-([^/]+))?(?:\/(\d+))?$/.exec(part);
    if (!match) return null;
    const star = match[1] === "*" || match[1] === "?";
    const every = match[3] === undefined ? 1 : Number(match[3]);
    const first = star ? low : numberOf(match[1] ?? "", names, base);
    const single = match[3] === undefined ? first : high;
    const last = star ? high : match[2] === undefined ? single : numberOf(match[2], names, base);
    if (every < 1 || !(low <= first && first <= last && last <= high)) return null;
    for (let value = first; value <= last; value += every) values.add(value);
    if (star && every === 1) any = true;
    else if (parts.length === 1 && first === low && last === high) step = every;
  }
  if (values.size === 0) return null;
  return { values: [...values].sort((one, other) => one - other), any, step };
}

function numberOf(text: string, names: readonly string[], base: number): number {
  const named = names.indexOf(text.toLowerCase());
  return named >= 0 ? named + base : /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
