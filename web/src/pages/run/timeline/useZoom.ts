import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { Span } from "../steps";
import { moved, zoomed } from "./window";

const STEP = 1.5;
const SHARE = 0.15;
const CLICK = 4;

interface Zoom {
  span: Span;
  isZoomed: boolean;
  /** Returns whether the key means something here. */
  onKey: (key: string) => boolean;
  handlers: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: (event: PointerEvent<HTMLElement>) => void;
  };
}

/** The part of *whole* that is in sight: by wheel with Ctrl or Shift, by dragging, by keys. *area* is as wide as the bars are. */
export function useZoom(area: RefObject<HTMLElement | null>, whole: Span): Zoom {
  // Null while all is in sight: then it grows with the run.
  const [chosen, setChosen] = useState<Span | null>(null);
  const span = chosen ?? whole;
  const latest = useRef({ span, whole });
  latest.current = { span, whole };
  const drag = useRef<{ x: number; span: Span; moves: boolean } | null>(null);
  const choose = (next: Span) => setChosen(next.to - next.from >= (whole.to - whole.from) * 0.999 ? null : next);
  useEffect(() => {
    const box = area.current?.parentElement?.parentElement;
    if (!box) return;
    const onWheel = (event: WheelEvent) => {
      const place = area.current?.getBoundingClientRect();
      const { span: now, whole: all } = latest.current;
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (!place || (!event.ctrlKey && !event.metaKey && sideways === 0)) return;
      event.preventDefault();
      const share = Math.min(1, Math.max(0, (event.clientX - place.left) / place.width));
      const next =
        event.ctrlKey || event.metaKey
          ? zoomed(now, all, event.deltaY < 0 ? STEP : 1 / STEP, now.from + share * (now.to - now.from))
          : moved(now, all, (sideways / place.width) * (now.to - now.from));
      setChosen(next.to - next.from >= (all.to - all.from) * 0.999 ? null : next);
    };
    // React's own listener is passive and could not keep the page from zooming.
    box.addEventListener("wheel", onWheel, { passive: false });
    return () => box.removeEventListener("wheel", onWheel);
  }, [area]);
  return {
    span,
    isZoomed: chosen !== null,
    onKey: (key) => {
      const middle = (span.from + span.to) / 2;
      if (key === "+" || key === "=") choose(zoomed(span, whole, STEP, middle));
      else if (key === "-") choose(zoomed(span, whole, 1 / STEP, middle));
      else if (key === "ArrowLeft") choose(moved(span, whole, -SHARE * (span.to - span.from)));
      else if (key === "ArrowRight") choose(moved(span, whole, SHARE * (span.to - span.from)));
      else if (key === "0") setChosen(null);
      else return false;
      return true;
    },
    handlers: {
      onPointerDown: (event) => {
        if (event.button === 0 && chosen !== null) drag.current = { x: event.clientX, span, moves: false };
      },
      onPointerMove: (event) => {
        const begun = drag.current;
        const width = area.current?.clientWidth ?? 0;
        if (!begun || width === 0) return;
        const by = event.clientX - begun.x;
        if (!begun.moves && Math.abs(by) < CLICK) return;
        if (!begun.moves) event.currentTarget.setPointerCapture(event.pointerId);
        begun.moves = true;
        choose(moved(begun.span, whole, (-by / width) * (begun.span.to - begun.span.from)));
      },
      onPointerUp: () => {
        drag.current = null;
      },
    },
  };
}
