/** Emphasis, code, links and images within a line of Markdown. Pure. */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em" | "strike"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "image"; source: string; alt: string }
  | { kind: "break" };

const ESCAPE = /\\([!-/:-@[-`{-~])/y;
const CODE = /(`+)((?:(?!\1)[\s\S]){0,2000}?)\1(?!`)/y;
const LINK =
  /(!?)\[((?:[^[\]\\]|\\.|\[[^[\]]*\]){0,500})\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*")?\s*\)/y;
const BARE = /<?(https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?])>?/y;
const MARKS = [
  ["***", "strong"],
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "strike"],
  ["*", "em"],
  ["_", "em"],
] as const;
const SAFE = /^(?:https?:\/\/|mailto:)/i;
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i;
const DEEPEST = 8;

/** An address that a link may lead to; null for others, above all scripts. */
export function safeAddress(address: string): string | null {
  return SAFE.test(address) ? address : null;
}

export function inlinesOf(source: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  /** Marks that have no partner further on: looked for once, so that long texts stay quick. */
  const alone = new Set<string>();
  let plain = "";
  const flush = () => {
    if (plain) found.push({ kind: "text", text: plain });
    plain = "";
  };
  let at = 0;
  while (at < source.length) {
    const read = depth < DEEPEST ? readInline(source, at, depth, alone) : null;
    if (read === null) {
      plain += source[at];
      at += 1;
    } else {
      if (typeof read.inline === "string") plain += read.inline;
      else {
        flush();
        found.push(read.inline);
      }
      at = read.next;
    }
  }
  flush();
  return found;
}

interface Read {
  inline: Inline | string;
  next: number;
}

function readInline(source: string, at: number, depth: number, alone: Set<string>): Read | null {
  switch (source[at]) {
    case "\\":
      return matched(ESCAPE, source, at, (match) => match[1] ?? "");
    case "`":
      return matched(CODE, source, at, (match) => ({ kind: "code", text: (match[2] ?? "").trim() }));
    case "\u2028":
      return { inline: { kind: "break" }, next: source[at + 1] === "\n" ? at + 2 : at + 1 };
    case "!":
    case "[":
      return matched(LINK, source, at, (match) => linked(match, depth));
    case "<":
    case "h":
      return matched(BARE, source, at, ([, href = ""]) => ({
        kind: "link",
        href,
        children: [{ kind: "text", text: href }],
      }));
    case "*":
    case "_":
    case "~":
      return emphasis(source, at, depth, alone);
    default:
      return null;
  }
}

function matched(
  pattern: RegExp,
  source: string,
  at: number,
  inlineOf: (match: RegExpExecArray) => Inline | string,
): Read | null {
  pattern.lastIndex = at;
  const match = pattern.exec(source);
  return match ? { inline: inlineOf(match), next: at + match[0].length } : null;
}

function linked(match: RegExpExecArray, depth: number): Inline | string {
  const [all, bang, words = "", address = ""] = match;
  if (bang && PICTURE.test(address)) return { kind: "image", source: address, alt: words };
  const href = safeAddress(address);
  // Pictures of other hosts are not fetched: a report must not tell anyone that it is being read.
  if (href === null) return bang ? words : words || all;
  return { kind: "link", href, children: bang ? [{ kind: "text", text: words || href }] : inlinesOf(words, depth + 1) };
}

function emphasis(source: string, at: number, depth: number, alone: Set<string>): Read | null {
  for (const [mark, kind] of MARKS) {
    if (!source.startsWith(mark, at) || alone.has(mark)) continue;
    const begin = at + mark.length;
    if (/^\s|^$/.test(source.slice(begin, begin + 1))) return null;
    // "_" within a word is part of a name, as in my_data_set.
    if (mark.startsWith("_") && /\w/.test(source[at - 1] ?? "")) return null;
    const end = closing(source, mark, begin);
    if (end < 0) {
      alone.add(mark);
      continue;
    }
    const inside = inlinesOf(source.slice(begin, end), depth + 1);
    const children: Inline[] = mark === "***" ? [{ kind: "em", children: inside }] : inside;
    return { inline: { kind, children }, next: end + mark.length };
  }
  return null;
}

function closing(source: string, mark: string, from: number): number {
  for (let at = source.indexOf(mark, from + 1); at >= 0; at = source.indexOf(mark, at + 1)) {
    const after = source[at + mark.length] ?? "";
    const opens = /\s/.test(source[at - 1] ?? "");
    const longer = mark.length < 3 && after === mark[0] && source[at - 1] !== mark[0];
    if (!opens && !(mark.length === 1 && longer) && !(mark.startsWith("_") && /\w/.test(after))) return at;
    if (mark.length === 1 && longer) at += 1;
  }
  return -1;
}
