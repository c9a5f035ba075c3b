/** Plain values as YAML, a line each, with what every part of a line is. Pure. */

export type Part = { kind: "key" | "string" | "number" | "word" | "plain"; text: string };
export type Line = Part[];

const PLAIN = /^[A-Za-z_/.][\w/.$@+ -]*$/;
const WORDS = /^(true|false|null|yes|no|on|off|~)$/i;

/** The lines of a document. */
export function yamlLines(value: unknown): Line[] {
  const lines: Line[] = [];
  write(value, 0, [], lines);
  return lines;
}

/** The text of lines. */
export function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.map((part) => part.text).join("")).join("\n");
}

function write(value: unknown, depth: number, lead: Line, lines: Line[]): void {
  if (Array.isArray(value) && value.length > 0) {
    if (lead.length > 0) lines.push(lead);
    for (const item of value) writeItem(item, depth, lines);
  } else if (isMapping(value) && Object.keys(value).length > 0) {
    if (lead.length > 0) lines.push(lead);
    for (const [key, inner] of Object.entries(value)) writeEntry(key, inner, depth, indent(depth), lines);
  } else if (typeof value === "string" && value.includes("\n")) {
    lines.push([...lead, { kind: "plain", text: lead.length > 0 ? " |" : "|" }]);
    for (const row of value.replace(/\n$/, "").split("\n")) lines.push([indent(depth), { kind: "string", text: row }]);
  } else {
    const space: Line = lead.length > 0 ? [{ kind: "plain", text: " " }] : [];
    lines.push([...lead, ...space, scalar(value)]);
  }
}

function writeEntry(key: string, value: unknown, depth: number, start: Part, lines: Line[]): void {
  const lead: Line = [
    start,
    { kind: "key", text: PLAIN.test(key) ? key : JSON.stringify(key) },
    { kind: "plain", text: ":" },
  ];
  write(value, depth + 1, lead, lines);
}

function writeItem(item: unknown, depth: number, lines: Line[]): void {
  const dash: Part = { kind: "plain", text: `${"  ".repeat(depth)}-` };
  if (isMapping(item) && Object.keys(item).length > 0) {
    Object.entries(item).forEach(([key, value], index) => {
      const start = index === 0 ? { ...dash, text: `${dash.text} ` } : indent(depth + 1);
      writeEntry(key, value, depth + 1, start, lines);
    });
  } else {
    write(item, depth + 1, [dash], lines);
  }
}

function scalar(value: unknown): Part {
  if (typeof value === "number") return { kind: "number", text: String(value) };
  if (typeof value === "boolean" || value === null || value === undefined)
    return { kind: "word", text: String(value ?? null) };
  if (typeof value === "string") {
    const plain = PLAIN.test(value) && !WORDS.test(value) && !value.endsWith(" ");
    return { kind: "string", text: plain ? value : JSON.stringify(value) };
  }
  return { kind: "plain", text: Array.isArray(value) ? "[]" : "{}" };
}

function indent(depth: number): Part {
  return { kind: "plain", text: "  ".repeat(depth) };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
