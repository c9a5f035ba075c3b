import { expect, test } from "vitest";
import { fromKubeflow } from "~/app/legacy";
import { runListSearch, runSearch } from "~/app/search";

test.each([
  ["#/runs/details/abc", "/runs/abc"],
  ["/runs/details/abc", "/runs/abc"],
  ["#/experiments/details/abc", "/experiments/abc"],
  ["#/pipelines/details/abc", "/pipelines/abc"],
  ["#/pipelines/details/abc/version/def?fromRun=1", "/pipelines/abc?version=def"],
  ["#/recurringruns", "/recurring"],
  ["#/runs", "/runs"],
  ["#section", null],
  ["", null],
])("Kubeflow's %s leads to %s", (fragment, path) => {
  expect(fromKubeflow(fragment)).toBe(path);
});

test("what an address holds is made valid", () => {
  expect(
    runListSearch({ q: 12, state: "BROKEN", sort: "created_at; drop", selected: [1, "a"], archived: "yes" }),
  ).toEqual({
    q: "12",
    sort: undefined,
    selected: ["a"],
  });
  expect(runSearch({ task: "fit", tab: "logs", view: "nothing" })).toEqual({ task: "fit", tab: "logs" });
});
