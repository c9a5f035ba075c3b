import { expect, test } from "vitest";
import { tracebackIn } from "~/pages/run/step/traceback";

const LOG = `2026-11-21 INFO begin
Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/kfp/dsl/executor_main.py", line 109, in <module>
    executor_main()
  File "/tmp/x/ephemeral_component.py", line 14, in check
    return compare(0.9, threshold)
           ^^^^^^^^^^^^^^^^^^^^^^^
  File "/tmp/x/ephemeral_component.py", line 10, in compare
    frame.loc[value]
  File "/opt/venv/lib/python3.11/site-packages/pandas/core/frame.py", line 8, in loc
    raise KeyError(key)
KeyError: 'weight'
2026-11-21 INFO cleaning up`.split("\n");

test("the line of the user's own code is found among those of libraries", () => {
  const found = tracebackIn(LOG);
  expect(found?.exception).toBe("KeyError");
  expect(found?.message).toBe("'weight'");
  expect(found?.own).toMatchObject({ line: 10, function: "compare", code: "frame.loc[value]" });
  expect(found?.frames).toHaveLength(4);
  expect(found?.text.endsWith("KeyError: 'weight'")).toBe(true);
});

test("of exceptions that follow from each other the last one counts, and all are shown", () => {
  const chained = [
    "Traceback (most recent call last):",
    '  File "/srv/job.py", line 2, in <module>',
    "    int('x')",
    "ValueError: invalid literal",
    "",
    "During handling of the above exception, another exception occurred:",
    "",
    "Traceback (most recent call last):",
    '  File "/srv/job.py", line 4, in <module>',
    "    raise MyError('two',",
    "my.module.MyError: two",
    "lines",
  ];
  const found = tracebackIn(chained);
  expect([found?.exception, found?.message]).toEqual(["my.module.MyError", "two\nlines"]);
  expect(found?.own?.line).toBe(4);
  expect(found?.text.split("\n")).toHaveLength(chained.length);
});

test("a log without a traceback has none", () => {
  expect(tracebackIn(["ERROR: no such file", ""])).toBeNull();
  expect(tracebackIn(["Traceback (most recent call last):", '  File "a.py", line 1, in <module>'])).toBeNull();
});
