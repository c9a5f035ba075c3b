import { ApiError, ask, BASE } from "~/api/client";
import { LogBuffer } from "./LogBuffer";

/** An attempt of a step, or the whole run. */
export type LogPlace = { run: string; node: string; attempt: number } | { run: string };

const LINES = 4000;
/** Of each step, where all of them are read together. */
export const LINES_OF_EACH = 500;
const EARLIER = 512 * 1024;
const PAUSE = 120;
const AGAIN = 2000;
const OFFSET = "X-Pinnace-Log-Offset";

export function logAddress(place: LogPlace, query: Record<string, string | number | boolean>): string {
  const one = "node" in place;
  const path = one ? `/tasks/${encodeURIComponent(place.node)}/log` : "/log";
  const values = { ...(one ? { attempt: place.attempt } : {}), ...query };
  const words = new URLSearchParams(Object.entries(values).map(([key, value]) => [key, String(value)]));
  return `${BASE}/apis/pinnace/v1/runs/${encodeURIComponent(place.run)}${path}?${words}`;
}

/** Reads a log from near its end on, follows it while it grows, and fetches earlier parts when they are asked for. */
export class LogReader {
  buffer = new LogBuffer();
  ended = false;
  error: Error | null = null;
  /** Whether there is more in front, which can be loaded. */
  hasEarlier = false;
  loadingEarlier = false;
  /** How many lines have been put in front so far: those in sight move down by as many. */
  shifted = 0;
  version = 0;
  readonly #place: LogPlace;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(place: LogPlace) {
    this.#place = place;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begin to read; a *whole* log from its beginning. */
  open(whole = false): void {
    const tail = "node" in this.#place ? LINES : LINES_OF_EACH;
    void this.#follow(whole ? {} : { tail });
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  /** Load the part that stands in front. Parts of a whole run's log have no places: see `open`. */
  async loadEarlier(): Promise<void> {
    if (this.loadingEarlier || !this.hasEarlier) return;
    this.loadingEarlier = true;
    this.#tell();
    try {
      const { start } = this.buffer;
      const from = Math.max(0, start - EARLIER);
      const bytes = await this.#part(from, start - from);
      if (this.buffer.start === start) this.shifted += this.buffer.prepend(from, bytes);
      this.hasEarlier = this.buffer.start > 0;
    } catch (error) {
      this.#fail(error);
    } finally {
      this.loadingEarlier = false;
      this.#tell();
    }
  }

  async #follow(first: Record<string, number>): Promise<void> {
    let query = first;
    for (;;) {
      try {
        await this.#read(query);
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (error instanceof ApiError || !("node" in this.#place)) {
          this.#fail(error);
          return;
        }
        // A connection that broke goes on where it was.
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
        query = { offset: this.buffer.end };
      }
    }
  }

  async #read(query: Record<string, number>): Promise<void> {
    const answer = await this.#fetch({ ...query, follow: true });
    if (this.buffer.size === 0) {
      this.buffer = new LogBuffer(Number(answer.headers.get(OFFSET) ?? 0));
      this.hasEarlier = this.buffer.start > 0;
    }
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      this.buffer.append(value ?? new Uint8Array(0), done);
      this.hasEarlier = "node" in this.#place && this.buffer.start > 0;
      this.ended = done;
      this.#later(done);
      if (done) return;
    }
  }

  async #part(offset: number, length: number): Promise<Uint8Array> {
    const answer = await this.#fetch({ offset });
    const reader = answer.body.getReader();
    const bytes = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes.set(value.subarray(0, length - at), at);
      at += Math.min(value.length, length - at);
    }
    await reader.cancel();
    return bytes.subarray(0, at);
  }

  async #fetch(query: Record<string, string | number | boolean>): Promise<Response & { body: ReadableStream }> {
    const answer = await ask(logAddress(this.#place, query), { signal: this.#stop.signal });
    if (!answer.ok || answer.body === null) throw new ApiError(answer.status, answer.statusText);
    return answer as Response & { body: ReadableStream };
  }

  #fail(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.error = error instanceof Error ? error : new Error(String(error));
    this.ended = true;
    this.#tell();
  }

  /** Drawing every chunk of a fast log would cost more than reading it. */
  #later(now: boolean): void {
    if (now) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), PAUSE);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}
