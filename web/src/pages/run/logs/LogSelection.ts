/** Which lines of a log are shown, and which hold what is searched for: looked up once a block. Pure. */
import { type Level, levelOf, plain } from "./ansi";
import type { Block, LogBuffer } from "./LogBuffer";

export type LevelFilter = "all" | "warnings" | "errors";
type Test = (line: string) => boolean;

const LABEL = /^[^|\n]{1,400} \| /;

/** Lines that pass a test, by their numbers, found block by block and kept for those that are there. */
export class LineFinder {
  readonly #test: Test;
  readonly #found = new WeakMap<Block, Uint32Array>();

  constructor(test: Test) {
    this.#test = test;
  }

  /** Numbers of lines of the whole buffer that pass, in order. */
  in(buffer: LogBuffer): Uint32Array {
    const parts = buffer.blocks.map((block) => this.#of(buffer, block));
    const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    parts.forEach((part, index) => {
      const before = buffer.before(index);
      for (const line of part) {
        all[at] = line + before;
        at += 1;
      }
    });
    return all;
  }

  #of(buffer: LogBuffer, block: Block): Uint32Array {
    const kept = this.#found.get(block);
    if (kept) return kept;
    const lines: number[] = [];
    for (let index = 0; index < block.starts.length; index += 1) {
      if (this.#test(buffer.lineIn(block, index))) lines.push(index);
    }
    const found = Uint32Array.from(lines);
    this.#found.set(block, found);
    return found;
  }
}

export function finderOfLevel(filter: LevelFilter, labelled: boolean): LineFinder | null {
  if (filter === "all") return null;
  const levels: readonly (Level | null)[] = filter === "errors" ? ["bad"] : ["bad", "warn"];
  return new LineFinder((line) => {
    const text = plain(line);
    return levels.includes(levelOf(labelled ? text.replace(LABEL, "") : text));
  });
}

export function finderOfText(query: string): LineFinder | null {
  if (!query) return null;
  const wanted = query.toLowerCase();
  return new LineFinder((line) => plain(line).toLowerCase().includes(wanted));
}

/** The label in front of a line of a whole run's log, and the line. */
export function splitLabel(line: string): [string, string] {
  const found = LABEL.exec(line);
  return found ? [found[0].slice(0, -3), line.slice(found[0].length)] : ["", line];
}
