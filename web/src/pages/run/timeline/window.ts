/** A window of time that can be zoomed and moved, and marks on it. Pure. */
import type { Span } from "../steps";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
];
const LEAST = 10;

export interface Tick {
  at: number;
  /** Since the beginning. */
  since: number;
}

/** Round times since *origin* within *span*, at most *most* of them. */
export function ticksOf(span: Span, origin: number, most: number): Tick[] {
  const all = span.to - span.from;
  const step = STEPS.find((each) => all / each <= most) ?? all / most;
  const ticks: Tick[] = [];
  for (let since = Math.ceil((span.from - origin) / step) * step; origin + since <= span.to; since += step) {
    ticks.push({ at: origin + since, since });
  }
  return ticks;
}

/** *span* magnified by *factor* around *at*, within *whole*. */
export function zoomed(span: Span, whole: Span, factor: number, at: number): Span {
  const length = Math.min(whole.to - whole.from, Math.max(LEAST, (span.to - span.from) / factor));
  const share = (at - span.from) / (span.to - span.from);
  return within({ from: at - share * length, to: at + (1 - share) * length }, whole);
}

/** *span* moved by so many milliseconds, within *whole*. */
export function moved(span: Span, whole: Span, by: number): Span {
  return within({ from: span.from + by, to: span.to + by }, whole);
}

function within(span: Span, whole: Span): Span {
  const length = span.to - span.from;
  if (length >= whole.to - whole.from) return whole;
  const from = Math.min(Math.max(span.from, whole.from), whole.to - length);
  return { from, to: from + length };
}
