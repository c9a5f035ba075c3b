/** Markdown as a tree, of which only what is known here is ever drawn: raw HTML stays text. Pure. */
import { type Inline, inlinesOf } from "./markdownInline";

export type Align = "start" | "center" | "end";

export type Block =
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: Block[][] }
  | { kind: "table"; align: Align[]; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/;
const QUOTE = /^ {0,3}> ?/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** Deeper nesting is nobody's document. */
const DEEPEST = 12;

export function markdownOf(source: string): Block[] {
  return blocksOf(source.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n"), 0);
}

function blocksOf(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      at += 1;
      continue;
    }
    const read = readBlock(lines, at, depth);
    blocks.push(read.block);
    at = read.next;
  }
  return blocks;
}

interface Read {
  block: Block;
  next: number;
}

function readBlock(lines: readonly string[], at: number, depth: number): Read {
  const line = lines[at] ?? "";
  const heading = HEADING.exec(line);
  if (heading) {
    const level = heading[1]?.length ?? 1;
    return { block: { kind: "heading", level, children: inlinesOf(heading[2] ?? "") }, next: at + 1 };
  }
  const fence = FENCE.exec(line)?.[1];
  if (fence) return fenced(lines, at, fence);
  if (RULE.test(line)) return { block: { kind: "rule" }, next: at + 1 };
  if (depth < DEEPEST && QUOTE.test(line)) return quote(lines, at, depth);
  if (depth < DEEPEST && ITEM.test(line)) return list(lines, at, depth);
  if (isTable(lines, at)) return table(lines, at);
  return paragraph(lines, at);
}

function fenced(lines: readonly string[], at: number, fence: string): Read {
  let end = at + 1;
  while (end < lines.length && !(lines[end] ?? "").trim().startsWith(fence)) end += 1;
  return { block: { kind: "code", text: lines.slice(at + 1, end).join("\n") }, next: end + 1 };
}

function quote(lines: readonly string[], at: number, depth: number): Read {
  let end = at;
  while (end < lines.length && (lines[end] ?? "").trim() !== "" && !(end > at && begins(lines, end, true))) end += 1;
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return { block: { kind: "quote", children: blocksOf(inside, depth + 1) }, next: end };
}

function list(lines: readonly string[], at: number, depth: number): Read {
  const first = ITEM.exec(lines[at] ?? "")?.[2] ?? "-";
  const ordered = /\d/.test(first);
  const mark = first.at(-1);
  const items: Block[][] = [];
  let next = at;
  while (next < lines.length) {
    const match = ITEM.exec(lines[next] ?? "");
    if (match === null || match[2]?.at(-1) !== mark || /\d/.test(match[2] ?? "") !== ordered) break;
    if (RULE.test(lines[next] ?? "")) break;
    const indent = Math.min(match[0].length, (match[1]?.length ?? 0) + (match[2]?.length ?? 0) + 4);
    const end = endOfItem(lines, next + 1, indent);
    const inside = lines
      .slice(next, end)
      .map((line, index) => (index === 0 ? line.slice(indent) : outdent(line, indent)));
    items.push(blocksOf(inside, depth + 1));
    next = end;
    while (next < lines.length && (lines[next] ?? "").trim() === "" && ITEM.test(lines[next + 1] ?? "")) next += 1;
  }
  return { block: { kind: "list", ordered, start: Number.parseInt(first, 10) || 1, items }, next };
}

/** An item goes on where lines are indented as its text is, or where a paragraph runs on. */
function endOfItem(lines: readonly string[], from: number, indent: number): number {
  let end = from;
  let blank = false;
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      blank = true;
      continue;
    }
    const indented = line.length - line.trimStart().length >= Math.min(indent, 2);
    if (!indented && (blank || begins(lines, at, false))) break;
    end = at + 1;
    blank = false;
  }
  return end;
}

function outdent(line: string, most: number): string {
  const spaces = line.length - line.trimStart().length;
  return line.slice(Math.min(spaces, most));
}

function isTable(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? "";
  const under = lines[at + 1] ?? "";
  return line.includes("|") && under.includes("-") && DIVIDER.test(under) && cells(line).length === cells(under).length;
}

function table(lines: readonly string[], at: number): Read {
  const head = cells(lines[at] ?? "");
  const align = cells(lines[at + 1] ?? "").map((cell): Align => {
    if (!cell.endsWith(":")) return "start";
    return cell.startsWith(":") ? "center" : "end";
  });
  const rows: Inline[][][] = [];
  let next = at + 2;
  while (next < lines.length && (lines[next] ?? "").includes("|")) {
    const row = cells(lines[next] ?? "");
    rows.push(head.map((_, index) => inlinesOf(row[index] ?? "")));
    next += 1;
  }
  return { block: { kind: "table", align, head: head.map((cell) => inlinesOf(cell)), rows }, next };
}

function cells(line: string): string[] {
  const bare = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return bare.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

function paragraph(lines: readonly string[], at: number): Read {
  let end = at + 1;
  while (end < lines.length && (lines[end] ?? "").trim() !== "" && !begins(lines, end, false)) {
    const under = /^ {0,3}(=+|-+)\s*$/.exec(lines[end] ?? "")?.[1];
    if (under) {
      const children = inlinesOf(joined(lines.slice(at, end)));
      return { block: { kind: "heading", level: under.startsWith("=") ? 1 : 2, children }, next: end + 1 };
    }
    end += 1;
  }
  return { block: { kind: "paragraph", children: inlinesOf(joined(lines.slice(at, end))) }, next: end };
}

/** Lines of a paragraph; two spaces at an end, or a backslash, break the line. */
function joined(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimStart().replace(/ {2,}$|\\$/, "\u2028"))
    .join("\n")
    .trim();
}

/** Whether something other than a paragraph begins here. */
function begins(lines: readonly string[], at: number, inQuote: boolean): boolean {
  const line = lines[at] ?? "";
  if (/^ {0,3}-+\s*$/.test(line) && !inQuote) return false;
  return HEADING.test(line) || FENCE.test(line) || RULE.test(line) || ITEM.test(line) || (!inQuote && QUOTE.test(line));
}
