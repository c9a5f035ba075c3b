import type { Messages } from "../en";

const DAYS = ["일", "월", "화", "수", "목", "금", "토"];

const every = (count: number, one: string, unit: string) => (count === 1 ? one : `${count}${unit}마다`);
const list = (items: readonly (string | number)[], unit = "") => items.map((item) => `${item}${unit}`).join(", ");

export const schedule: Messages["schedule"] = {
  once: "사용하는 즉시 한 번",
  everyDay: "매일",
  everySeconds: (count) => every(count, "매초", "초"),
  everyMinutes: (count) => every(count, "매분", "분"),
  everyHours: (count) => every(count, "매시간", "시간"),
  everyDays: (count) => every(count, "매일", "일"),
  everyWeeks: (count) => every(count, "매주", "주"),
  at: (times) => list(times),
  atSeconds: (values) => list(values, "초"),
  atMinutes: (values) => list(values, "분"),
  duringMinutes: (values) => `${list(values, "분")}에`,
  duringHours: (values) => `${list(values, "시")}에`,
  between: (from, to) => `${from}~${to}`,
  workdays: "평일",
  weekend: "주말",
  weekdays: (values) => `매주 ${values.map((day) => DAYS[day] ?? "").join("·")}요일`,
  daysOfMonth: (values) => `매월 ${list(values, "일")}`,
  either: (one, other) => `${one} 또는 ${other}`,
  both: (one, other) => `${one} 중 ${other}`,
  inMonths: (values) => list(values, "월"),
  onDays: (days, clock, months) => [months, days, clock].filter(Boolean).join(" "),
  often: (how, days, months) => [months, days, how].filter(Boolean).join(" "),
  together: (parts) => parts.filter(Boolean).join(" "),
  inZone: (said, place) => `${said} (${place})`,
};
