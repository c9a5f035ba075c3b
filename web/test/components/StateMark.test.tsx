import { render, screen } from "@testing-library/react";
import { act } from "react";
import { expect, test } from "vitest";
import { prefer } from "~/preferences/preferences";
import { StateMark } from "~/states/StateMark";

test("a state has a word, in the chosen language, also where only its shape is seen", () => {
  const { rerender } = render(<StateMark state="FAILED" />);
  expect(screen.getByText("Failed").className).toContain("visually-hidden");
  rerender(<StateMark state="FAILED" word />);
  expect(screen.getByText("Failed").className).not.toContain("visually-hidden");
  act(() => prefer({ language: "ko" }));
  expect(screen.getByText("실패")).toBeTruthy();
  act(() => prefer({ language: "system" }));
});
