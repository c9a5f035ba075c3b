import type { EventName, Source } from "./hub";
import { SseParser } from "./sse";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;
const AGAIN = 1000;

type Listener = (event: MessageEvent<string>) => void;

/**
 * What EventSource does, with a header that it cannot send: a broken connection is made again from the last place; a
 * refusal ends the source.
 */
export class FetchSource implements Source {
  readyState = CONNECTING;
  readonly #address: string;
  readonly #headers: () => Record<string, string>;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #parser = new SseParser();
  readonly #stop = new AbortController();

  constructor(address: string, headers: () => Record<string, string>) {
    this.#address = address;
    this.#headers = headers;
    void this.#connect();
  }

  addEventListener(name: EventName | "open" | "error", listener: Listener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  close(): void {
    this.readyState = CLOSED;
    this.#stop.abort();
  }

  async #connect(): Promise<void> {
    this.#parser.reset();
    try {
      const { lastId } = this.#parser;
      const headers = {
        ...this.#headers(),
        Accept: "text/event-stream",
        ...(lastId ? { "Last-Event-ID": lastId } : {}),
      };
      const answer = await fetch(this.#address, { headers, cache: "no-store", signal: this.#stop.signal });
      const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
      if (answer.status !== 200 || !isStream || answer.body === null) {
        this.close();
        this.#tell("error");
        return;
      }
      this.readyState = OPEN;
      this.#tell("open");
      await this.#read(answer.body);
    } catch {
      // No connection, or one that broke: the same as one that the server has ended.
    }
    if (this.#isClosed()) return;
    this.readyState = CONNECTING;
    this.#tell("error");
    setTimeout(() => !this.#isClosed() && this.#connect(), this.#parser.retry ?? AGAIN);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const { name, data } of this.#parser.feed(decoder.decode(value, { stream: true }))) {
        if (this.#isClosed()) return;
        this.#tell(name, data);
      }
    }
  }

  #isClosed(): boolean {
    return this.readyState === CLOSED;
  }

  #tell(name: string, data = ""): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(new MessageEvent(name, { data }));
  }
}
