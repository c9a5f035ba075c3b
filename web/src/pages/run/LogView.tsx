import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useText } from "~/i18n/text";
import { Failure } from "~/ui/Failure";
import styles from "./LogView.module.css";
import { useLog } from "./useLog";

const ROW = 18;

interface Props {
  run: string;
  node: string;
  attempt: number;
}

/** The log of an attempt. It stays at the end while it is read there, and where it is when the reader scrolls up. */
export function LogView({ run, node, attempt }: Props) {
  const text = useText();
  const log = useLog(run, node, attempt);
  const frame = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const virtual = useVirtualizer({
    count: log.lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 30,
  });
  const count = log.lines.length;
  useEffect(() => {
    if (atEnd.current && count > 0) virtual.scrollToIndex(count - 1, { align: "end" });
  }, [count, virtual]);
  if (log.error) return <Failure error={log.error} />;
  if (log.ended && count === 0) return <p className={styles["none"]}>{text.run.noLog}</p>;
  return (
    <div
      ref={frame}
      className={styles["frame"]}
      role="log"
      aria-label={text.run.logs}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        const box = event.currentTarget;
        atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 2 * ROW;
      }}
    >
      <div className={styles["space"]} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} className={styles["line"]} style={{ transform: `translateY(${item.start}px)` }}>
            <span className={styles["number"]}>{item.index + 1}</span>
            <span data-level={levelOf(log.lines[item.index] ?? "")}>{log.lines[item.index]}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** What a line says of itself, for its colour. */
function levelOf(line: string): "bad" | "warn" | undefined {
  if (/\b(ERROR|CRITICAL|FATAL)\b|^Traceback |^\w*(Error|Exception)\b/.test(line)) return "bad";
  return /\bWARN(ING)?\b/.test(line) ? "warn" : undefined;
}
