import { describe, expect, test } from "vitest";
import { bytes } from "~/format/bytes";
import { duration } from "~/format/duration";
import { exact, instant, relative, short } from "~/format/time";

test.each([
  [0, "0 ms"],
  [340, "340 ms"],
  [999.6, "1.0 s"],
  [4_240, "4.2 s"],
  [59_960, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [7_800_000, "2 h 10 min"],
  [3_599_600, "1 h 00 min"],
  [273_600_000, "3 d 4 h"],
  [-5, "0 ms"],
])("%d ms is shown as %s", (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [12_300, "12 kB"],
  [999_600, "1.0 MB"],
  [3_400_000_000, "3.4 GB"],
])("%d bytes are shown as %s", (size, words) => {
  expect(bytes(size)).toBe(words);
});

describe("times", () => {
  const at = Date.parse("2026-11-21T09:03:22Z");

  test("the epoch and nothing are no times", () => {
    expect(instant("1970-01-01T00:00:00Z")).toBeNull();
    expect(instant(null)).toBeNull();
    expect(instant("no time")).toBeNull();
    expect(instant("2026-11-21T09:03:22.5Z")).toBe(at + 500);
  });

  test("the date is left out on the same day only", () => {
    expect(short(at, at + 1000, "utc", "en")).toBe("09:03");
    expect(short(at, at + 86_400_000, "utc", "en")).toContain("Nov 21");
    expect(short(at, at + 366 * 86_400_000, "utc", "en")).toContain("2026");
  });

  test("the exact time names its zone", () => {
    expect(exact(at, "utc", "en")).toMatch(/09:03:22.*UTC/);
  });

  test("how long ago", () => {
    expect(relative(at, at + 180_000, "en")).toBe("3 minutes ago");
    expect(relative(at + 7_200_000, at, "en")).toBe("in 2 hours");
  });
});
