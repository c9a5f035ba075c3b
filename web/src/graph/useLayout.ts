import { useEffect, useRef, useState } from "react";
import type { Outline, Placed } from "./layout";
import LayoutWorker from "./layout.worker?worker";

/** The layout of an outline; the last one until the next is ready. *outline* must keep its identity while it is the same. */
export function useLayout(outline: Outline): Placed | null {
  const [placed, setPlaced] = useState<Placed | null>(null);
  const worker = useRef<Worker | null>(null);
  const asked = useRef(0);
  useEffect(() => {
    const own = new LayoutWorker();
    worker.current = own;
    own.onmessage = (event: MessageEvent<{ id: number; placed: Placed }>) => {
      if (event.data.id === asked.current) setPlaced(event.data.placed);
    };
    return () => own.terminate();
  }, []);
  useEffect(() => {
    asked.current += 1;
    worker.current?.postMessage({ id: asked.current, outline });
  }, [outline]);
  return placed;
}
