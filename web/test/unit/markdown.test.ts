import { expect, test } from "vitest";
import { type Block, markdownOf } from "~/preview/markdown";
import type { Inline } from "~/preview/markdownInline";

/** The tree in a line, to read it. */
function told(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `h${block.level}(${line(block.children)})`;
    case "paragraph":
      return `p(${line(block.children)})`;
    case "code":
      return `code(${block.text})`;
    case "quote":
      return `quote(${block.children.map(told).join(" ")})`;
    case "rule":
      return "rule";
    case "list":
      return `${block.ordered ? `ol${block.start}` : "ul"}(${block.items.map((item) => item.map(told).join(" ")).join("; ")})`;
    case "table":
      return `table(${[block.head, ...block.rows].map((row) => row.map(line).join("|")).join("; ")})`;
  }
}

function line(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (inline.kind === "text") return inline.text;
      if (inline.kind === "code") return `\`${inline.text}\``;
      if (inline.kind === "link") return `link(${inline.href} ${line(inline.children)})`;
      if (inline.kind === "image") return `image(${inline.alt})`;
      if (inline.kind === "break") return "⏎";
      return `${inline.kind}(${line(inline.children)})`;
    })
    .join("");
}

const read = (source: string) => markdownOf(source).map(told);

test("blocks", () => {
  expect(read("# Report #\nof *today*  \nand **now**\n\n---\n> said\n> - a\n")).toEqual([
    "h1(Report)",
    "p(of em(today)⏎and strong(now))",
    "rule",
    "quote(p(said) ul(p(a)))",
  ]);
  expect(read("Title\n===\nSub\n---")).toEqual(["h1(Title)", "h2(Sub)"]);
  expect(read("```python\n# no heading\n\n**raw**\n```\nafter")).toEqual(["code(# no heading\n\n**raw**)", "p(after)"]);
});

test("lists nest, and go on after a blank line", () => {
  expect(read("- one\n  - inner\n- two\n\n  more\n- three")).toEqual([
    "ul(p(one) ul(p(inner)); p(two) p(more); p(three))",
  ]);
  expect(read("3. three\n4. four\n\ntext")).toEqual(["ol3(p(three); p(four))", "p(text)"]);
});

test("tables keep their columns and alignment", () => {
  const source = "| a | b |\n|:--|--:|\n| 1 | x \\| y |\n| 2 |\n";
  expect(read(source)).toEqual(["table(a|b; 1|x | y; 2|)"]);
  const table = markdownOf(source)[0];
  expect(table?.kind === "table" && table.align).toEqual(["start", "end"]);
});

test("names with underscores are no emphasis, and marks may be escaped", () => {
  expect(read("my_data_set and \\*stars\\* and 2 * 3 * 4")).toEqual(["p(my_data_set and *stars* and 2 * 3 * 4)"]);
  expect(read("a ~~b~~ ***c*** `**d**`")).toEqual(["p(a strike(b) strong(em(c)) `**d**`)"]);
});

test("links lead only to pages and mail; HTML and foreign pictures stay words", () => {
  expect(read("[a](https://x.org/y_(z)) <https://b.org> [s](javascript:alert(1)) [d](data:text/html,x)")).toEqual([
    "p(link(https://x.org/y_(z) a) link(https://b.org https://b.org) s d)",
  ]);
  expect(read("![p](https://x.org/a.png) ![q](data:image/png;base64,AA==)")).toEqual([
    "p(link(https://x.org/a.png p) image(q))",
  ]);
  expect(read("<script>alert(1)</script> <img src=x onerror=y>")).toEqual([
    "p(<script>alert(1)</script> <img src=x onerror=y>)",
  ]);
});

test("what was made to take long does not", () => {
  for (const source of [
    "*a ".repeat(20_000),
    "[".repeat(20_000),
    "`".repeat(20_000),
    "> ".repeat(5_000),
    "- ".repeat(5_000),
  ]) {
    expect(markdownOf(source).length).toBeGreaterThan(0);
  }
});
