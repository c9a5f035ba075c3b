/** Reads server-sent events out of the text of a stream, as the HTML standard says. */

export interface ServerEvent {
  name: string;
  data: string;
}

export class SseParser {
  /** The place to go on from: what the last `id:` said. */
  lastId = "";
  /** Milliseconds until the next try, if the server has said so. */
  retry: number | null = null;
  #rest = "";
  #name = "";
  #data: string[] = [];
  #id: string | null = null;

  /** The events that *text*, the next part of the stream, completes. */
  feed(text: string): ServerEvent[] {
    const all = this.#rest + text;
    // A carriage return at the end may be half of a line's end.
    const kept = all.endsWith("\r") ? all.length - 1 : all.length;
    const lines = all.slice(0, kept).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + all.slice(kept);
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): ServerEvent | null {
    if (line === "") return this.#end();
    const at = line.indexOf(":");
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  #end(): ServerEvent | null {
    if (this.#id !== null) this.lastId = this.#id;
    const event = this.#data.length > 0 ? { name: this.#name || "message", data: this.#data.join("\n") } : null;
    this.#name = "";
    this.#data = [];
    this.#id = null;
    return event;
  }

  /** Forget what a broken connection has left unfinished; the place stays. */
  reset(): void {
    this.#rest = "";
    this.#name = "";
    this.#data = [];
    this.#id = null;
  }
}
