import { afterEach, beforeEach, expect, test } from "vitest";
import { keys } from "~/keys/registry";

let did: string[];
let remove: (() => void)[];

function bind(key: string, what: string, group: "everywhere" | "page" = "everywhere", turn = true): void {
  const action = () => {
    if (!turn) return false;
    did.push(what);
    return true;
  };
  remove.push(keys.add({ key, what, group, action }));
}

function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

beforeEach(() => {
  did = [];
  remove = [];
  window.addEventListener("keydown", keys.hear);
});

afterEach(() => {
  window.removeEventListener("keydown", keys.hear);
  for (const each of remove) each();
  document.body.replaceChildren();
});

test("two keys after each other do another thing than each alone", () => {
  bind("r", "r");
  bind("g r", "g r");
  press("r");
  press("g");
  press("r");
  press("r");
  press("g");
  press("Escape");
  press("r");
  expect(did).toEqual(["r", "g r", "r", "r"]);
});

test("while somebody types, only keys with Ctrl are heard", () => {
  bind("n", "n");
  bind("mod+k", "search");
  const field = document.body.appendChild(document.createElement("input"));
  expect(press("n", {}, field).defaultPrevented).toBe(false);
  expect(press("k", { ctrlKey: true }, field).defaultPrevented).toBe(true);
  press("n", { altKey: true });
  press("n", { ctrlKey: true });
  expect(did).toEqual(["search"]);
});

test("in a dialog its own keys hold, and a checkbox is no field to type in", () => {
  bind("x", "x");
  const dialog = document.body.appendChild(document.createElement("div"));
  dialog.setAttribute("role", "dialog");
  press("x", {}, dialog);
  press("x");
  dialog.remove();
  const box = document.body.appendChild(document.createElement("input"));
  box.type = "checkbox";
  press("x", {}, box);
  expect(did).toEqual(["x"]);
});

test("a page's key goes before the shell's, and leaves it what is not its turn", () => {
  bind("n", "page", "page");
  bind("n", "shell");
  press("n");
  remove.shift()?.();
  bind("n", "not now", "page", false);
  press("n");
  expect(did).toEqual(["page", "shell"]);
});

test("with a Korean layout, letters go by their place", () => {
  bind("g r", "runs");
  press("ㅎ", { code: "KeyG" });
  press("ㄱ", { code: "KeyR" });
  expect(did).toEqual(["runs"]);
});
