const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const list = (items: readonly (string | number)[], word = "and") =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${word} ${items[items.length - 1]}`;

const every = (count: number, unit: string) => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`);

/** Parts of sentences about schedules. */
export const schedule = {
  once: "once, as soon as it is enabled",
  everyDay: "every day",
  everySeconds: (count: number) => every(count, "second"),
  everyMinutes: (count: number) => every(count, "minute"),
  everyHours: (count: number) => every(count, "hour"),
  everyDays: (count: number) => every(count, "day"),
  everyWeeks: (count: number) => every(count, "week"),
  at: (times: readonly string[]) => `at ${list(times)}`,
  atSeconds: (values: readonly number[]) => `at second ${list(values)}`,
  atMinutes: (values: readonly number[]) => `at minute ${list(values)}`,
  duringMinutes: (values: readonly number[]) => `in minute ${list(values)}`,
  duringHours: (values: readonly number[]) => `in hour ${list(values)}`,
  between: (from: string, to: string) => `from ${from} to ${to}`,
  workdays: "on weekdays",
  weekend: "on Saturday and Sunday",
  weekdays: (values: readonly number[]) => `on ${list(values.map((day) => DAYS[day] ?? ""))}`,
  daysOfMonth: (values: readonly number[]) => `on day ${list(values)} of the month`,
  either: (one: string, other: string) => `${one} or ${other}`,
  both: (one: string, other: string) => `${one} if it is ${other}`,
  inMonths: (values: readonly number[]) => `in ${list(values.map((month) => MONTHS[month - 1] ?? ""))}`,
  onDays: (days: string, clock: string, months: string) => [days, clock, months].filter(Boolean).join(" "),
  often: (how: string, days: string, months: string) => [how, days, months].filter(Boolean).join(", "),
  together: (parts: readonly string[]) => parts.filter(Boolean).join(" "),
  inZone: (said: string, place: string) => `${said}, ${place}`,
};
