/**
 * A part of a log, as bytes: strings are made only of the lines in sight. Blocks end where lines end, and never
 * change; the newest lines are added behind, earlier ones in front, and what is too much goes from the front.
 */

export interface Block {
  bytes: Uint8Array;
  /** Where each line begins. */
  starts: Uint32Array;
}

const NEWLINE = 10;
const BLOCK = 256 * 1024;
/** So much is kept of a log; earlier parts can be loaded again. */
const MOST = 128 * 1024 * 1024;

export class LogBuffer {
  /** The byte of the log that the first block begins at. */
  start: number;
  /** Bytes that have come, behind `start`; those of a line that is not at its end yet are among them. */
  size = 0;
  lineCount = 0;
  readonly blocks: Block[] = [];
  readonly #most: number;
  /** Lines before each block. */
  #before: number[] = [];
  #open: Uint8Array = new Uint8Array(0);
  #decoder = new TextDecoder();

  constructor(start = 0, most = MOST) {
    this.start = start;
    this.#most = most;
  }

  /** The byte that comes next. */
  get end(): number {
    return this.start + this.size;
  }

  /** Add what was written next. Bytes behind the last line end wait, unless it is *final*. */
  append(chunk: Uint8Array, final = false): void {
    const whole = joined(this.#open, chunk);
    this.size += chunk.length;
    const cut = final || whole.length > BLOCK * 4 ? whole.length : whole.lastIndexOf(NEWLINE) + 1;
    this.#open = whole.subarray(cut);
    if (cut > 0) this.#push(whole.subarray(0, cut));
    while (this.size > this.#most && this.blocks.length > 1) this.#dropFirst();
  }

  /** Add what stands in front of the first block; *bytes* begin at the byte *start* and end where that block begins. */
  prepend(start: number, bytes: Uint8Array): number {
    // What does not begin with a line begins in the middle of one.
    const cut = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const part = bytes.subarray(cut);
    if (part.length === 0) return 0;
    const block = blockOf(part.slice());
    this.blocks.unshift(block);
    this.start = start + cut;
    this.size += part.length;
    this.#count();
    return block.starts.length;
  }

  /** Line *index* of those that are here. */
  line(index: number): string {
    const at = this.blockAt(index);
    const block = this.blocks[at];
    return block ? this.lineIn(block, index - (this.#before[at] ?? 0)) : "";
  }

  lineIn(block: Block, index: number): string {
    const from = block.starts[index] ?? 0;
    let to = block.starts[index + 1] ?? block.bytes.length;
    if (to > from && block.bytes[to - 1] === NEWLINE) to -= 1;
    return this.#decoder.decode(block.bytes.subarray(from, to));
  }

  /** Lines before block *at*. */
  before(at: number): number {
    return this.#before[at] ?? this.lineCount;
  }

  /** The number of the block that line *index* is in. */
  blockAt(index: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#before[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #push(bytes: Uint8Array): void {
    const last = this.blocks.at(-1);
    // Few large blocks instead of many small ones: the last one grows by being made anew.
    if (last && last.bytes.length + bytes.length <= BLOCK) {
      this.blocks[this.blocks.length - 1] = blockOf(joined(last.bytes, bytes));
    } else this.blocks.push(blockOf(bytes.slice()));
    this.#count();
  }

  #dropFirst(): void {
    const first = this.blocks.shift();
    this.start += first?.bytes.length ?? 0;
    this.size -= first?.bytes.length ?? 0;
    this.#count();
  }

  #count(): void {
    let lines = 0;
    this.#before = this.blocks.map((block) => {
      const here = lines;
      lines += block.starts.length;
      return here;
    });
    this.lineCount = lines;
  }
}

function blockOf(bytes: Uint8Array): Block {
  const starts: number[] = [0];
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(NEWLINE, at + 1)) {
    starts.push(at + 1);
  }
  return { bytes, starts: Uint32Array.from(starts) };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
