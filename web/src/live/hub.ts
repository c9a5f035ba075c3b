/** Event streams, each opened once for all who follow it. Lives in a shared worker, or in a page where there is none. */

/** Kinds of messages that the server sends (`routes_streams.py`). */
export const EVENTS = ["start", "change", "update", "reset", "end"] as const;
export type EventName = (typeof EVENTS)[number];

/** What followers get: messages of the server, and whether there is a connection. */
export type Message = { type: "event"; name: EventName; data: unknown } | { type: "open" } | { type: "lost" };

export type Follower = (message: Message) => void;

/** The part of EventSource that is needed (`fetchSource.ts`). It connects again by itself and then asks for what it has missed. */
export interface Source {
  addEventListener(name: "open" | "error", listener: () => void): void;
  addEventListener(name: EventName, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
  readonly readyState: number;
}

interface Stream {
  source: Source;
  followers: Set<Follower>;
  isOpen: boolean;
}

const CLOSED = 2;
const AGAIN = 3000;

export class Hub {
  readonly #open: (address: string) => Source;
  readonly #streams = new Map<string, Stream>();

  constructor(open: (address: string) => Source) {
    this.#open = open;
  }

  /** Follow an address until the returned function is called. */
  follow(address: string, follower: Follower): () => void {
    const stream = this.#streams.get(address) ?? this.#connect(address, new Set());
    stream.followers.add(follower);
    if (stream.isOpen) follower({ type: "open" });
    return () => {
      stream.followers.delete(follower);
      if (stream.followers.size > 0 || this.#streams.get(address)?.followers !== stream.followers) return;
      this.#streams.get(address)?.source.close();
      this.#streams.delete(address);
    };
  }

  #connect(address: string, followers: Set<Follower>): Stream {
    const source = this.#open(address);
    const stream: Stream = { source, followers, isOpen: false };
    const tell = (message: Message) => {
      for (const follower of followers) follower(message);
    };
    source.addEventListener("open", () => {
      stream.isOpen = true;
      tell({ type: "open" });
    });
    source.addEventListener("error", () => {
      stream.isOpen = false;
      tell({ type: "lost" });
      // A server that refuses, or a proxy in its place, ends the source for good; then a new one is made.
      if (source.readyState === CLOSED) setTimeout(() => this.#again(address, stream), AGAIN);
    });
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        tell({ type: "event", name, data: JSON.parse(event.data) });
        if (name === "end") source.close();
      });
    }
    this.#streams.set(address, stream);
    return stream;
  }

  #again(address: string, stream: Stream): void {
    if (this.#streams.get(address) === stream && stream.followers.size > 0) this.#connect(address, stream.followers);
  }
}
