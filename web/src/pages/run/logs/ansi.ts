/** What terminals make of a line: colours, and what a carriage return writes over. Pure. */

export type Paint = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "grey";

export interface Piece {
  text: string;
  paint: Paint | null;
  strong: boolean;
}

const PAINTS: readonly (Paint | null)[] = ["grey", "red", "green", "yellow", "blue", "magenta", "cyan", null];
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const ESCAPES = /\x1b(?:\[([\d;]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

/** What is left of a line that was written over again and again, as progress bars do. */
export function lastWritten(line: string): string {
  if (!line.includes("\r")) return line;
  return line.split("\r").findLast((part) => part !== "") ?? "";
}

/** The line without colours. */
export function plain(line: string): string {
  const last = lastWritten(line);
  return last.includes("\x1b") ? last.replace(ESCAPES, "") : last;
}

/** The line in pieces of one colour. */
export function pieces(line: string): Piece[] {
  const last = lastWritten(line);
  if (!last.includes("\x1b")) return [{ text: last, paint: null, strong: false }];
  const found: Piece[] = [];
  let paint: Paint | null = null;
  let strong = false;
  let at = 0;
  const add = (text: string) => text && found.push({ text, paint, strong });
  for (const escaped of last.matchAll(ESCAPES)) {
    add(last.slice(at, escaped.index));
    at = escaped.index + escaped[0].length;
    if (escaped[2] !== "m") continue;
    for (const code of (escaped[1] || "0").split(";").map(Number)) {
      if (code === 0) [paint, strong] = [null, false];
      else if (code === 1) strong = true;
      else if (code === 22) strong = false;
      else if (code === 39) paint = null;
      else if (code >= 30 && code <= 37) paint = PAINTS[code - 30] ?? null;
      else if (code >= 90 && code <= 97) paint = PAINTS[code - 90] ?? null;
    }
  }
  add(last.slice(at));
  return found;
}

export type Level = "bad" | "warn";

/** What a line says of itself. */
export function levelOf(line: string): Level | null {
  if (/\b(ERROR|CRITICAL|FATAL)\b|^Traceback |^[\w.]*(Error|Exception)\b/.test(line)) return "bad";
  return /\bWARN(ING)?\b|\w*Warning: /.test(line) ? "warn" : null;
}
