import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type EventName, Hub, type Message, type Source } from "~/live/hub";

class FakeSource implements Source {
  readyState = 0;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.readyState = 2;
  }

  says(name: EventName | "open" | "error", data: unknown = null): void {
    this.#listeners.get(name)?.(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

let made: FakeSource[];
let hub: Hub;

beforeEach(() => {
  vi.useFakeTimers();
  made = [];
  hub = new Hub(() => {
    const source = new FakeSource();
    made.push(source);
    return source;
  });
});

afterEach(() => {
  vi.useRealTimers();
});

test("two followers share a connection, which ends with the second", () => {
  const heard: Message[][] = [[], []];
  const leave = heard.map((list) => hub.follow("/events", (message) => list.push(message)));
  expect(made).toHaveLength(1);
  made[0]?.says("open");
  made[0]?.says("change", { id: "a" });
  expect(heard[0]).toEqual([{ type: "open" }, { type: "event", name: "change", data: { id: "a" } }]);
  expect(heard[1]).toEqual(heard[0]);
  leave[0]?.();
  leave[0]?.();
  expect(made[0]?.readyState).toBe(0);
  leave[1]?.();
  expect(made[0]?.readyState).toBe(2);
});

test("who comes later knows that there is a connection", () => {
  hub.follow("/events", () => {});
  made[0]?.says("open");
  const heard: Message[] = [];
  hub.follow("/events", (message) => heard.push(message));
  expect(heard).toEqual([{ type: "open" }]);
});

test("a connection that is refused is made anew, as long as somebody follows", () => {
  const heard: Message[] = [];
  const leave = hub.follow("/events", (message) => heard.push(message));
  made[0]?.close();
  made[0]?.says("error");
  expect(heard).toEqual([{ type: "lost" }]);
  vi.advanceTimersByTime(5000);
  expect(made).toHaveLength(2);
  made[1]?.says("open");
  expect(heard.at(-1)).toEqual({ type: "open" });
  made[1]?.close();
  made[1]?.says("error");
  leave();
  vi.advanceTimersByTime(5000);
  expect(made).toHaveLength(2);
});

test("an ended stream is not asked for again", () => {
  hub.follow("/runs/a/events", () => {});
  made[0]?.says("end", { reason: "ENDED" });
  expect(made[0]?.readyState).toBe(2);
  vi.advanceTimersByTime(60_000);
  expect(made).toHaveLength(1);
});
