import { expect, test } from "vitest";
import { artifactListSearch, artifactSearch, taskListSearch } from "~/app/search";

test("addresses of artifacts and executions keep what is valid and nothing else", () => {
  expect(artifactSearch({ tab: "lineage", way: "back", depth: 5, node: "n", path: "a/b" })).toEqual({
    tab: "lineage",
    way: "back",
    depth: 5,
    node: "n",
    path: "a/b",
  });
  expect(artifactSearch({ tab: "x", way: "up", depth: 51, node: "", path: {} })).toEqual({});
  expect(artifactListSearch({ q: 7, kind: "Cat" })).toEqual({ q: "7" });
  expect(artifactListSearch({ kind: "Model" })).toEqual({ kind: "Model" });
  expect(taskListSearch({ state: "CACHED", q: "fit" })).toEqual({ q: "fit" });
});
