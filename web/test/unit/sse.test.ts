import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FetchSource } from "~/live/fetchSource";
import { SseParser } from "~/live/sse";

test("events are read from parts of any size, with any line end", () => {
  const stream =
    'retry: 250\n\nid: 7\nevent: change\ndata: {"a":1}\n\n: sign of life\n\nid: 8\r\n\r\ndata: one\rdata:two\r\r\n';
  for (let size = 1; size <= stream.length; size += 1) {
    const parser = new SseParser();
    const events = [];
    for (let at = 0; at < stream.length; at += size) events.push(...parser.feed(stream.slice(at, at + size)));
    expect(events).toEqual([
      { name: "change", data: '{"a":1}' },
      { name: "message", data: "one\ntwo" },
    ]);
    expect(parser.lastId).toBe("8");
    expect(parser.retry).toBe(250);
  }
});

test("an event that a broken connection has left unfinished is no event and no place", () => {
  const parser = new SseParser();
  parser.feed("id: 1\ndata: whole\n\nid: 2\ndata: half");
  parser.reset();
  expect(parser.feed("data: next\n\n")).toEqual([{ name: "message", data: "next" }]);
  expect(parser.lastId).toBe("1");
});

const requests: Headers[] = [];
let answers: (() => Response)[];

beforeEach(() => {
  vi.useFakeTimers();
  requests.length = 0;
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    requests.push(new Headers(init.headers));
    const answer = answers.shift();
    return answer ? Promise.resolve(answer()) : new Promise(() => {});
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const stream = (text: string) => () => new Response(text, { headers: { "content-type": "text/event-stream" } });

test("a stream that breaks is asked for again from its last place, with the token", async () => {
  answers = [stream("retry: 50\n\nid: 41\nevent: change\ndata: 1\n\n"), () => Response.error()];
  const heard: string[] = [];
  const source = new FetchSource("/events", () => ({ Authorization: "Bearer secret" }));
  source.addEventListener("open", () => heard.push("open"));
  source.addEventListener("error", () => heard.push(`error ${source.readyState}`));
  source.addEventListener("change", ({ data }) => heard.push(`change ${data}`));
  await vi.advanceTimersByTimeAsync(0);
  expect(heard).toEqual(["open", "change 1", "error 0"]);
  await vi.advanceTimersByTimeAsync(50);
  expect(requests.map((each) => each.get("last-event-id"))).toEqual([null, "41"]);
  expect(requests[1]?.get("authorization")).toBe("Bearer secret");
  source.close();
});

test("a refusal ends the source, and a closed one asks no more", async () => {
  answers = [() => new Response("", { status: 401 })];
  const source = new FetchSource("/events", () => ({}));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(source.readyState).toBe(2);
  expect(requests).toHaveLength(1);
  const closed = new FetchSource("/events", () => ({}));
  closed.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(requests).toHaveLength(2);
});
