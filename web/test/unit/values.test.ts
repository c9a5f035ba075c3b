import { expect, test } from "vitest";
import { entryOf, type Parameter, read, readAll } from "~/pages/new-run/values";

function parameter(type: Parameter["type"], more: Partial<Parameter> = {}): Parameter {
  return {
    name: "x",
    type,
    optional: false,
    has_default: false,
    default: null,
    literals: [],
    description: "",
    ...more,
  };
}

test.each([
  ["NUMBER_INTEGER", "12", 12],
  ["NUMBER_INTEGER", " -3 ", -3],
  ["NUMBER_DOUBLE", "1e-3", 0.001],
  ["BOOLEAN", "true", true],
  ["BOOLEAN", "false", false],
  ["STRING", "", ""],
  ["STRING", " as it is ", " as it is "],
  ["LIST", '[1, "a"]', [1, "a"]],
  ["STRUCT", '{"a": null}', { a: null }],
] as const)("%s reads %j", (type, text, value) => {
  expect(read(parameter(type), text)).toEqual({ ok: true, value });
});

test.each([
  ["NUMBER_INTEGER", "1.5", "integer"],
  ["NUMBER_DOUBLE", "much", "number"],
  ["NUMBER_INTEGER", "", "missing"],
  ["LIST", '{"a": 1}', "list"],
  ["STRUCT", "[1]", "struct"],
  ["STRUCT", "{a: 1}", "struct"],
] as const)("%s refuses %j as %s", (type, text, fault) => {
  expect(read(parameter(type), text)).toEqual({ ok: false, fault });
});

test("what is left out is left to the pipeline, and what was given comes back as it was", () => {
  const some = [
    parameter("NUMBER_INTEGER", { name: "rows", optional: true, has_default: true, default: 5 }),
    parameter("STRUCT", { name: "config" }),
    parameter("STRING", { name: "text" }),
  ];
  const given = { config: { a: [1] }, text: "7" };
  const entries = Object.fromEntries(some.map((each) => [each.name, entryOf(each, given[each.name as "text"])]));
  expect(readAll(some, entries)).toEqual({ values: given, faults: {} });
  expect(readAll(some, {}).faults).toEqual({ config: "missing", text: "missing" });
});
