import { expect, it } from "vitest";
import { shortCause } from "~/pages/home/cause";

it("leaves of a failure the step and the error", () => {
  const long =
    'Task "exit-handler-1/call-service" failed: The command ended with exit code 1: ConnectionError: not ready';
  expect(shortCause(long)).toEqual({ step: "call-service", words: "ConnectionError: not ready" });
  expect(shortCause('Task "a" failed: The command ended with exit code 3.')).toEqual({
    step: "a",
    words: "The command ended with exit code 3.",
  });
  expect(shortCause("Somebody stopped it.")).toEqual({ step: "", words: "Somebody stopped it." });
});
