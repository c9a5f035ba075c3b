import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { textOf, yamlLines } from "./write";
import styles from "./YamlView.module.css";

const ROW = 19;

/** A value as YAML, with colours; documents of any length. */
export function YamlView({ value }: { value: unknown }) {
  const text = useText();
  const lines = useMemo(() => yamlLines(value), [value]);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 30,
  });
  return (
    <div className={styles["outer"]}>
      <span className={styles["copy"]}>
        <Button icon="copy" onClick={() => navigator.clipboard.writeText(textOf(lines))}>
          {text.common.copy}
        </Button>
      </span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div ref={frame} className={styles["frame"]} tabIndex={0}>
        <div className={styles["space"]} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.key} className={styles["line"]} style={{ transform: `translateY(${item.start}px)` }}>
              <span className={styles["number"]}>{item.index + 1}</span>
              {lines[item.index]?.map((part, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: parts of a line never move
                <span key={index} data-kind={part.kind}>
                  {part.text}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
