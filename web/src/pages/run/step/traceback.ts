/** What a Python traceback says, with the line of the user's own code. Pure. */

export interface Frame {
  file: string;
  line: number;
  function: string;
  /** The line of code; "" where Python could not read it. */
  code: string;
}

export interface Traceback {
  frames: Frame[];
  /** `ValueError`, as Python names it. */
  exception: string;
  message: string;
  /** The last frame in code that the user has written, or else the last one of all. */
  own: Frame | null;
  /** All of it, with exceptions that led to it. */
  text: string;
}

const BEGIN = "Traceback (most recent call last):";
const FRAME = /^\s+File "(.+)", line (\d+)(?:, in (.+))?$/;
const RAISED = /^([A-Za-z_][\w.]*)(?:: ([\s\S]*))?$/;
const FOREIGN = /site-packages|dist-packages|\/lib\/python\d|^<frozen |kfp\/dsl\/|pinnace\/launcher/;
/** The SDK writes a component's source to a file of this name. */
const COMPONENT = /ephemeral_component\.py$/;

/** The last traceback in the lines of a log; null where there is none. */
export function tracebackIn(lines: readonly string[]): Traceback | null {
  const begin = lines.lastIndexOf(BEGIN);
  if (begin < 0) return null;
  const frames: Frame[] = [];
  let at = begin + 1;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const found = FRAME.exec(line);
    if (found) {
      frames.push({ file: found[1] ?? "", line: Number(found[2]), function: found[3] ?? "", code: "" });
    } else if (/^\s/.test(line)) {
      const last = frames.at(-1);
      if (last && !last.code && !/^\s*[\^~]+\s*$/.test(line)) last.code = line.trim();
    } else break;
  }
  const raised = RAISED.exec(lines.slice(at, endOf(lines, at)).join("\n"));
  if (!raised) return null;
  const text = lines.slice(chainBegin(lines, begin), endOf(lines, at)).join("\n");
  return { frames, exception: raised[1] ?? "", message: (raised[2] ?? "").trim(), own: ownFrame(frames), text };
}

function ownFrame(frames: readonly Frame[]): Frame | null {
  return (
    frames.findLast((frame) => COMPONENT.test(frame.file)) ??
    frames.findLast((frame) => !FOREIGN.test(frame.file)) ??
    frames.at(-1) ??
    null
  );
}

/** A message may have several lines; what is empty, or begins like another line of a log, ends it. */
function endOf(lines: readonly string[], from: number): number {
  let end = from + 1;
  while (end < lines.length && end < from + 20 && lines[end] && !/^\d{4}-\d\d-\d\d|^\[|^[A-Z]+:/.test(lines[end] ?? ""))
    end += 1;
  return Math.min(end, lines.length);
}

/** Where the first of the exceptions begins that led to the last one. */
function chainBegin(lines: readonly string[], last: number): number {
  let begin = last;
  while (begin >= 3 && lines[begin - 1] === "" && /exception/.test(lines[begin - 2] ?? "")) {
    const before = lines.lastIndexOf(BEGIN, begin - 1);
    if (before < 0) break;
    begin = before;
  }
  return begin;
}
