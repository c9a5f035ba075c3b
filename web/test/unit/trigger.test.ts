import { describe, expect, it } from "vitest";
import { entryOfTrigger, instantOf, intervalTimes, localOf, triggerOf } from "~/pages/new-recurring/entry";
import { fieldOf } from "~/pages/new-recurring/faults";
import { inputsOfSpec } from "~/pages/new-recurring/specInputs";

const DAY = 86_400_000;

describe("a trigger in a form", () => {
  it("comes back as it was", () => {
    const start = Date.UTC(2026, 10, 21, 18, 30);
    const cron = { kind: "cron", expression: "CRON_TZ=Asia/Seoul 0 0 6 * * *", start, end: null } as const;
    expect(triggerOf(entryOfTrigger(cron, "utc"), "utc")).toEqual({ trigger: cron, fault: null });
    const interval = { kind: "interval", seconds: 5400, start: null, end: start } as const;
    const entry = entryOfTrigger(interval, "local");
    expect([entry.count, entry.unit]).toEqual(["90", "minute"]);
    expect(triggerOf(entry, "local")).toEqual({ trigger: interval, fault: null });
  });

  it("tells what is wrong", () => {
    const entry = entryOfTrigger(undefined, "utc");
    expect(triggerOf({ ...entry, kind: "interval", count: "1.5" }, "utc").fault).toBe("interval");
    expect(triggerOf({ ...entry, kind: "interval", count: "" }, "utc").fault).toBe("interval");
    const backwards = { ...entry, start: "2026-01-02T00:00", end: "2026-01-01T00:00" };
    expect(triggerOf(backwards, "utc").fault).toBe("end");
  });

  it("reads times in the viewer's zone", () => {
    const at = Date.UTC(2026, 0, 31, 12, 5);
    expect(localOf(at, "utc")).toBe("2026-01-31T12:05");
    expect(instantOf(localOf(at, "local"), "local")).toBe(at);
    expect(instantOf("", "utc")).toBeNull();
  });

  it("counts an interval from its start", () => {
    expect(intervalTimes(86_400, null, null, 5).slice(0, 2)).toEqual([DAY + 5, 2 * DAY + 5]);
    expect(intervalTimes(86_400, 10, null, 3 * DAY)[0]).toBe(3 * DAY + 10);
    expect(intervalTimes(86_400, 10, 4 * DAY, 3 * DAY)).toEqual([3 * DAY + 10]);
  });
});

describe("an error of the server", () => {
  it.each([
    ['Schedule cron is not a supported format: in "x" it has 1 fields instead of 6', "cron"],
    ["Found invalid period schedule interval 0. Set interval_second to at least 1 second.", "interval"],
    ["Max concurrency of a recurring run must be at least 1 and at most 10. Received 11", "concurrency"],
    ["end_time of the schedule lies before its start_time. Exchange them, or leave one out.", "end"],
    ["The server failed. Its log says why.", null],
  ])("%s", (message, field) => {
    expect(fieldOf(message)).toBe(field);
  });
});

it("reads the inputs of a document", () => {
  const parameters = {
    who: { parameterType: "STRING" },
    times: { parameterType: "NUMBER_INTEGER", defaultValue: 1, isOptional: true, description: "How often." },
  };
  const [who, times] = inputsOfSpec({ root: { inputDefinitions: { parameters } } });
  expect(who).toMatchObject({ name: "who", type: "STRING", optional: false, has_default: false });
  expect(times).toMatchObject({ default: 1, optional: true, has_default: true, description: "How often." });
  expect(inputsOfSpec({})).toEqual([]);
});
