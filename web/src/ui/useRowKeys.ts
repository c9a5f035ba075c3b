import { type KeyboardEvent, type RefObject, useRef } from "react";
import { flushSync } from "react-dom";
import { useText } from "~/i18n/text";
import { useKey } from "~/keys/useKey";

interface Options {
  /** What holds the rows, each with its number in `data-row`. It has `data-rows`. */
  body: RefObject<HTMLElement | null>;
  count: number;
  /** Brings a row into sight, which may not exist yet. */
  show: (index: number) => void;
  toggle?: ((index: number) => void) | undefined;
}

interface RowKeys {
  /** The row that has the focus, or had it last. */
  current: () => number | null;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** How often a row that has just come into sight is looked for, a frame each. */
const TRIES = 10;

/**
 * Moves the focus from row to row: by j and k on the whole page, by arrows within the list. The first link of a row takes
 * it, so that Enter opens what the row stands for.
 */
export function useRowKeys({ body, count, show, toggle }: Options): RowKeys {
  const text = useText().keys;
  const last = useRef<number | null>(null);
  const inFocus = () => {
    const row = body.current?.contains(document.activeElement)
      ? document.activeElement?.closest<HTMLElement>("[data-row]")
      : null;
    return row ? Number(row.dataset["row"]) : null;
  };
  const current = () => inFocus() ?? last.current;
  const focus = (index: number, tries = TRIES) => {
    const row = body.current?.querySelector<HTMLElement>(`[data-row="${index}"]`);
    if (row) (row.querySelector<HTMLElement>("a[href]") ?? row).focus({ preventScroll: true });
    else if (tries > 0) requestAnimationFrame(() => focus(index, tries - 1));
  };
  const go = (index: number) => {
    if (count === 0) return;
    const target = Math.min(count - 1, Math.max(0, index));
    last.current = target;
    flushSync(() => show(target));
    focus(target);
  };
  const step = (by: number) => go((current() ?? (by > 0 ? -1 : count)) + by);
  const mine = (act: () => void) => () => (isTurnOf(body.current) ? act() : false);
  const list = { group: "list", when: count > 0 } as const;
  useKey(
    "j",
    text.next,
    mine(() => step(1)),
    list,
  );
  useKey(
    "k",
    text.previous,
    mine(() => step(-1)),
    list,
  );
  // For the sheet: these do by themselves what they do, where the focus is.
  useKey("ArrowDown", text.next, () => false, list);
  useKey("ArrowUp", text.previous, () => false, list);
  useKey("Enter", text.open, () => false, list);
  useKey(
    "x",
    text.select,
    mine(() => {
      const row = current();
      if (row !== null) toggle?.(row);
    }),
    { group: "list", when: count > 0 && toggle !== undefined },
  );
  return {
    current,
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const row = inFocus();
      if (row === null || event.target instanceof HTMLSelectElement) return;
      const target = { ArrowDown: row + 1, ArrowUp: row - 1, Home: 0, End: count - 1 }[event.key];
      if (target === undefined) return;
      event.preventDefault();
      go(target);
    },
  };
}

/** Of several lists on a page, the one with the focus moves; else the first. */
function isTurnOf(body: HTMLElement | null): boolean {
  const within = document.activeElement?.closest("[data-rows]") ?? document.querySelector("[data-rows]");
  return body !== null && within === body;
}
