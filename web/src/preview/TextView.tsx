import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import styles from "./TextView.module.css";

const ROW = 18;

/** Lines of text with their numbers; only those in sight exist. */
export function TextView({ source, label }: { source: string; label: string }) {
  const lines = useMemo(() => source.replace(/\n$/, "").split(/\r\n|\n|\r/), [source]);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 30,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div ref={frame} className={styles["frame"]} role="region" aria-label={label} tabIndex={0}>
      <div className={styles["space"]} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} className={styles["line"]} style={{ transform: `translateY(${item.start}px)` }}>
            <span className={styles["number"]}>{item.index + 1}</span>
            {lines[item.index]}
          </div>
        ))}
      </div>
    </div>
  );
}
