/** Where in the form an error of the server belongs. Pure. */

export type FaultField = "name" | "cron" | "interval" | "end" | "concurrency" | "root" | null;

const RULES: [RegExp, NonNullable<FaultField>][] = [
  [/concurrency/i, "concurrency"],
  [/end_time/, "end"],
  [/schedule cron|time zone/i, "cron"],
  [/interval/i, "interval"],
  [/pipeline[_ ]root/i, "root"],
  [/\b(display_)?name\b/i, "name"],
];

/** The field that a message is about; null where it is about none, or about several things. */
export function fieldOf(message: string): FaultField {
  return RULES.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}
