import { expect, test } from "vitest";
import { levelOf, pieces, plain } from "~/pages/run/logs/ansi";
import { LogBuffer } from "~/pages/run/logs/LogBuffer";
import { finderOfLevel, finderOfText, splitLabel } from "~/pages/run/logs/LogSelection";

const bytes = (text: string) => new TextEncoder().encode(text);

function linesOf(buffer: LogBuffer): string[] {
  return Array.from({ length: buffer.lineCount }, (_, index) => buffer.line(index));
}

test("lines are whole, whatever the chunks that they come in", () => {
  const buffer = new LogBuffer();
  buffer.append(bytes("on"));
  expect(buffer.lineCount).toBe(0);
  buffer.append(bytes("e\ntwö"));
  expect(linesOf(buffer)).toEqual(["one"]);
  buffer.append(bytes("\n\nfour"), false);
  buffer.append(new Uint8Array(0), true);
  expect(linesOf(buffer)).toEqual(["one", "twö", "", "four"]);
  expect(buffer.end).toBe(bytes("one\ntwö\n\nfour").length);
});

test("earlier parts come in front; one that begins within a line loses that line to the next part", () => {
  const log = "first\nsecond\nthird\nfourth\n";
  const buffer = new LogBuffer(13);
  buffer.append(bytes(log.slice(13)), true);
  expect(buffer.prepend(3, bytes(log.slice(3, 13)))).toBe(1);
  expect([buffer.start, linesOf(buffer)[0]]).toEqual([6, "second"]);
  expect(buffer.prepend(0, bytes(log.slice(0, 6)))).toBe(1);
  expect(linesOf(buffer)).toEqual(["first", "second", "third", "fourth"]);
  expect([buffer.start, buffer.end]).toEqual([0, log.length]);
});

test("a log that is longer than what is kept loses its beginning", () => {
  const buffer = new LogBuffer(0, 600_000);
  const line = `${"x".repeat(99)}\n`;
  for (let index = 0; index < 10; index += 1) buffer.append(bytes(line.repeat(1000)));
  expect(buffer.end).toBe(1_000_000);
  expect(buffer.size).toBeLessThanOrEqual(600_000);
  expect(buffer.start + buffer.size).toBe(buffer.end);
  expect(linesOf(buffer).every((each) => each.length === 99)).toBe(true);
});

test("lines are found by words and by level, also behind new ones and in front of old ones", () => {
  const buffer = new LogBuffer(5);
  buffer.append(bytes("INFO fine\nWARNING odd\nERROR bad\n"));
  const words = finderOfText("OD");
  expect([...(words?.in(buffer) ?? [])]).toEqual([1]);
  buffer.append(bytes("an odd end\n"));
  buffer.prepend(0, bytes("odd?\n"));
  expect([...(words?.in(buffer) ?? [])]).toEqual([0, 2, 4]);
  expect([...(finderOfLevel("warnings", false)?.in(buffer) ?? [])]).toEqual([2, 3]);
  expect([...(finderOfLevel("errors", false)?.in(buffer) ?? [])]).toEqual([3]);
  expect(finderOfLevel("all", false)).toBeNull();
});

test("colours are read, other sequences dropped, and what was written over is gone", () => {
  expect(pieces("a \u001b[1;31mred\u001b[0m end\u001b[2K")).toEqual([
    { text: "a ", paint: null, strong: false },
    { text: "red", paint: "red", strong: true },
    { text: " end", paint: null, strong: false },
  ]);
  expect(plain("10%\r50%\r\u001b[32m100%\u001b[0m\r")).toBe("100%");
  expect([levelOf("ValueError: no"), levelOf("x: DeprecationWarning: old"), levelOf("terror")]).toEqual([
    "bad",
    "warn",
    null,
  ]);
  expect(splitLabel("loop[0]/fit (attempt 2) | a | b")).toEqual(["loop[0]/fit (attempt 2)", "a | b"]);
});
