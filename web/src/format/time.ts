/** Instants, as people read them. The exact one belongs beside every short one. */

/** KFP writes the epoch for a time that is not set. */
export function instant(iso: string | null | undefined): number | null {
  if (!iso) return null;
  const at = Date.parse(iso);
  return Number.isNaN(at) || at <= 0 ? null : at;
}

export type Zone = "local" | "utc";

function zoneOption(zone: Zone): Intl.DateTimeFormatOptions {
  return zone === "utc" ? { timeZone: "UTC" } : {};
}

/** With date, seconds and zone: `21 Nov 2026, 18:03:22 GMT+9`. */
export function exact(at: number, zone: Zone, language: string): string {
  return new Intl.DateTimeFormat(language, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
    timeZoneName: "short",
    ...zoneOption(zone),
  }).format(at);
}

/** Of today the time alone, else the date too: `18:03`, `20 Nov, 09:12`. */
export function short(at: number, now: number, zone: Zone, language: string): string {
  const sameDay = day(at, zone) === day(now, zone);
  const date: Intl.DateTimeFormatOptions = sameDay ? {} : { month: "short", day: "numeric" };
  const year: Intl.DateTimeFormatOptions = yearOf(at, zone) === yearOf(now, zone) ? {} : { year: "numeric" };
  return new Intl.DateTimeFormat(language, {
    ...year,
    ...date,
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    ...zoneOption(zone),
  }).format(at);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** How long ago, or until: `3 minutes ago`, `in 2 hours`. */
export function relative(at: number, now: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const difference = at - now;
  for (const [unit, size] of STEPS) {
    if (Math.abs(difference) >= size) return format.format(Math.round(difference / size), unit);
  }
  return format.format(0, "second");
}

function day(at: number, zone: Zone): string {
  const date = new Date(at);
  return zone === "utc" ? date.toISOString().slice(0, 10) : date.toDateString();
}

function yearOf(at: number, zone: Zone): number {
  const date = new Date(at);
  return zone === "utc" ? date.getUTCFullYear() : date.getFullYear();
}

/** The present as the SDK writes it into the names of runs. */
export function stamp(): string {
  const now = new Date();
  const pad = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  return `${date} ${pad(now.getHours())}-${pad(now.getMinutes())}-${pad(now.getSeconds())}`;
}

/** The short name of a zone at an instant: `GMT+9`, `UTC`. */
export function zoneName(at: number, zone: Zone, language: string): string {
  const parts = new Intl.DateTimeFormat(language, { timeZoneName: "short", ...zoneOption(zone) }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** The time of a day with milliseconds and zone: `18:03:22.041 GMT+9`. */
export function precise(at: number, zone: Zone, language: string): string {
  return new Intl.DateTimeFormat(language, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hour12: false,
    timeZoneName: "short",
    ...zoneOption(zone),
  }).format(at);
}
