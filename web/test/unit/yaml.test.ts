import { expect, test } from "vitest";
import { textOf, yamlLines } from "~/yaml/write";

test("values are written as YAML that reads back as they are", () => {
  const value = {
    name: "train",
    empty: {},
    none: [],
    nothing: null,
    yes: "yes",
    "odd: key": "1",
    list: [1, { a: 2, b: [true, "x y"] }, "- no item"],
    source: "def f():\n    return 1\n",
  };
  expect(textOf(yamlLines(value))).toBe(
    [
      "name: train",
      "empty: {}",
      "none: []",
      "nothing: null",
      'yes: "yes"',
      '"odd: key": "1"',
      "list:",
      "  - 1",
      "  - a: 2",
      "    b:",
      "      - true",
      "      - x y",
      '  - "- no item"',
      "source: |",
      "  def f():",
      "      return 1",
    ].join("\n"),
  );
});
