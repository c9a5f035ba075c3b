/** Schedules in words, in the language of the texts that are given. Pure. */
import type { Trigger } from "~/api/queries/recurring";
import type { Messages } from "~/i18n/text";
import { type Field, type Fields, parseCron } from "./cron";

type Words = Messages["schedule"];

const WORKDAYS = "1,2,3,4,5";
const WEEKEND = "0,6";
/** Longer lists of clock times are no easier to read than their parts. */
const MOST_CLOCKS = 6;

/** When a trigger fires. */
export function triggerWords(trigger: Trigger, words: Words): string {
  if (trigger === null) return words.once;
  return trigger.kind === "cron" ? cronWords(trigger.expression, words) : everyWords(trigger.seconds, words);
}

/** An expression in words, with the zone that it names; the expression itself where it is not understood. */
export function cronWords(expression: string, words: Words): string {
  const cron = parseCron(expression);
  if (cron === null) return expression;
  const said = "every" in cron ? everyWords(cron.every, words) : fieldWords(cron.fields, words);
  return cron.zone ? words.inZone(said, placeOf(cron.zone)) : said;
}

/** A length of time as how often. */
export function everyWords(seconds: number, words: Words): string {
  if (seconds % 604_800 === 0) return words.everyWeeks(seconds / 604_800);
  if (seconds % 86_400 === 0) return words.everyDays(seconds / 86_400);
  if (seconds % 3600 === 0) return words.everyHours(seconds / 3600);
  if (seconds % 60 === 0) return words.everyMinutes(seconds / 60);
  return words.everySeconds(seconds);
}

/** The name of a zone's place: "Seoul" for "Asia/Seoul". */
export function placeOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

function fieldWords(fields: Fields, words: Words): string {
  const days = dayWords(fields, words);
  const months = fields.months.any ? "" : words.inMonths(fields.months.values);
  const clock = clockWords(fields, words);
  if (clock !== null) return words.onDays(days || words.everyDay, clock, months);
  return words.often(oftenWords(fields, words), days, months);
}

/** Clock times, where there are only a few a day; else null. */
function clockWords({ seconds, minutes, hours }: Fields, words: Words): string | null {
  const second = only(seconds);
  if (second === null || hours.any || minutes.values.length * hours.values.length > MOST_CLOCKS) return null;
  const times = hours.values.flatMap((hour) => minutes.values.map((minute) => clock(hour, minute, second)));
  return words.at(times);
}

function oftenWords({ seconds, minutes, hours }: Fields, words: Words): string {
  const second = only(seconds);
  const minute = only(minutes);
  const fast = second === null;
  const base = fast
    ? countWords(seconds, words.everySeconds, words.atSeconds)
    : minute === null
      ? countWords(minutes, words.everyMinutes, words.atMinutes)
      : hours.any || hours.step > 1
        ? words.everyHours(hours.any ? 1 : hours.step)
        : words.atMinutes([minute]);
  const odd = fast || second === 0 ? "" : words.atSeconds([second]);
  const within = fast && !minutes.any ? minuteWords(minutes, words) : "";
  const shift =
    !fast && minute !== null && minute !== 0 && (hours.any || hours.step > 1) ? words.atMinutes([minute]) : "";
  const counted = !fast && minute !== null && hours.step > 1;
  return words.together([base, within, shift, odd, hours.any || counted ? "" : hourWords(hours, words)]);
}

function countWords(field: Field, every: (count: number) => string, at: (values: readonly number[]) => string): string {
  return field.any ? every(1) : field.step > 1 ? every(field.step) : at(field.values);
}

function minuteWords(minutes: Field, words: Words): string {
  return words.duringMinutes(minutes.values);
}

function hourWords(hours: Field, words: Words): string {
  const [first, last] = [hours.values[0] ?? 0, hours.values.at(-1) ?? 0];
  const gapless = last - first + 1 === hours.values.length;
  return gapless ? words.between(clock(first, 0, 0), clock(last, 59, 0)) : words.duringHours(hours.values);
}

/** On which days; "" for all of them. A day of the month *or* of the week is enough, unless one has a star. */
function dayWords({ days, weekdays }: Fields, words: Words): string {
  const ofWeek = weekdays.any ? "" : weekdayWords(weekdays, words);
  const ofMonth = days.any ? "" : days.step > 1 ? words.everyDays(days.step) : words.daysOfMonth(days.values);
  if (ofWeek && ofMonth)
    return days.step || weekdays.step ? words.both(ofMonth, ofWeek) : words.either(ofMonth, ofWeek);
  return ofWeek || ofMonth;
}

function weekdayWords(weekdays: Field, words: Words): string {
  const named = weekdays.values.join(",");
  if (named === WORKDAYS) return words.workdays;
  if (named === WEEKEND) return words.weekend;
  return words.weekdays(weekdays.values);
}

function only(field: Field): number | null {
  return field.values.length === 1 ? (field.values[0] ?? null) : null;
}

function clock(hour: number, minute: number, second: number): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  return second === 0 ? `${pad(hour)}:${pad(minute)}` : `${pad(hour)}:${pad(minute)}:${pad(second)}`;
}
