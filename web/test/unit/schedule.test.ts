import { describe, expect, it } from "vitest";
import { en } from "~/i18n/en";
import { ko } from "~/i18n/ko";
import { parseCron, withZone } from "~/schedule/cron";
import { cronWords, everyWords } from "~/schedule/words";

const SAID: [string, string, string][] = [
  ["0 0 6 * * *", "every day at 06:00", "매일 06:00"],
  ["CRON_TZ=Asia/Seoul 0 0 6 * * *", "every day at 06:00, Seoul", "매일 06:00 (Seoul)"],
  ["TZ=America/New_York @daily", "every day at 00:00, New York", "매일 00:00 (New York)"],
  ["0 30 6,18 * * MON-FRI", "on weekdays at 06:30 and 18:30", "평일 06:30, 18:30"],
  ["0 0 9 ? * sat,sun", "on Saturday and Sunday at 09:00", "주말 09:00"],
  ["15 0 9 1,15 * *", "on day 1 and 15 of the month at 09:00:15", "매월 1일, 15일 09:00:15"],
  ["0 0 9 1 jan,7 *", "on day 1 of the month at 09:00 in January and July", "1월, 7월 매월 1일 09:00"],
  ["0 0 9 13 * FRI", "on day 13 of the month or on Friday at 09:00", "매월 13일 또는 매주 금요일 09:00"],
  ["0 0 9 */2 * MON", "every 2 days if it is on Monday at 09:00", "2일마다 중 매주 월요일 09:00"],
  ["0 */5 * * * *", "every 5 minutes", "5분마다"],
  ["0 */5 9-17 * * MON-FRI", "every 5 minutes from 09:00 to 17:59, on weekdays", "평일 5분마다 09:00~17:59"],
  ["0 * * * * *", "every minute", "매분"],
  ["@hourly", "every hour", "매시간"],
  ["0 15 * * * *", "every hour at minute 15", "매시간 15분"],
  ["0 0 */2 * * *", "every 2 hours", "2시간마다"],
  ["@every 1h30m", "every 90 minutes", "90분마다"],
  ["*/10 * * * * *", "every 10 seconds", "10초마다"],
  // Five fields begin with seconds, as upstream: the classic mistake is told by its words.
  ["*/5 * * * *", "every 5 seconds", "5초마다"],
  ["0 6 * * *", "every hour at minute 6", "매시간 6분"],
];

describe("cron in words", () => {
  it.each(SAID)("%s", (expression, english, korean) => {
    expect(cronWords(expression, en.schedule)).toBe(english);
    expect(cronWords(expression, ko.schedule)).toBe(korean);
  });

  it("leaves alone what it does not understand", () => {
    for (const odd of ["", "x", "0 0 25 * * *", "@sometimes", "1 2 3", "0 0 6 * * MON-XYZ", "@every 5x"]) {
      expect(parseCron(odd)).toBeNull();
      expect(cronWords(odd, en.schedule)).toBe(odd);
    }
  });

  it("puts a zone in front", () => {
    expect(withZone("", " 0 0 6 * * * ")).toBe("0 0 6 * * *");
    expect(withZone("Asia/Seoul", "@daily")).toBe("CRON_TZ=Asia/Seoul @daily");
  });

  it("says lengths of time in the largest unit that fits", () => {
    const said = [1, 90, 300, 3600, 86_400, 1_209_600].map((seconds) => everyWords(seconds, en.schedule));
    expect(said).toEqual([
      "every second",
      "every 90 seconds",
      "every 5 minutes",
      "every hour",
      "every day",
      "every 2 weeks",
    ]);
  });
});
