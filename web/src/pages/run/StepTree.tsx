import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useCallback, useMemo, useRef, useState } from "react";
import { duration } from "~/format/duration";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Icon } from "~/ui/Icon";
import { useNow } from "~/ui/useNow";
import styles from "./StepTree.module.css";
import { type Span, type Step, sameWithStep, spanOf, steadySpan, visibleSteps } from "./steps";

const ROW = 30;

interface Props {
  steps: readonly Step[];
  live: boolean;
  selected: string | undefined;
  onSelect: (node: string) => void;
}

/** Steps as a tree, each with its time bar. Arrow keys move, right and left unfold and fold. */
export function StepTree({ steps, live, selected, onSelect }: Props) {
  const text = useText();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const onFold = useCallback((node: string, shut: boolean) => {
    setFolded((now) => {
      const next = new Set(now);
      if (shut) next.add(node);
      else next.delete(node);
      return next;
    });
  }, []);
  const frame = useRef<HTMLDivElement>(null);
  const now = useNow(live ? 500 : 0);
  const rows = useMemo(() => visibleSteps(steps, folded), [steps, folded]);
  const { from, to } = steadySpan(
    useMemo(() => spanOf(steps, now), [steps, now]),
    live,
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const move = (event: KeyboardEvent) => {
    const at = rows.findIndex((row) => row.node === selected);
    const step = rows[at];
    const target = targetOf(event.key, at, rows);
    if (event.key === "ArrowRight" && step && step.children.length > 0) onFold(step.node, false);
    else if (event.key === "ArrowLeft" && step && step.children.length > 0 && !folded.has(step.node))
      onFold(step.node, true);
    else if (target) {
      onSelect(target.node);
      virtual.scrollToIndex(rows.indexOf(target));
    } else return;
    event.preventDefault();
  };
  return (
    <div ref={frame} className={styles["frame"]} role="tree" aria-label={text.run.steps} tabIndex={0} onKeyDown={move}>
      <div className={styles["space"]} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const step = rows[item.index];
          if (!step) return null;
          return (
            <div key={step.node} className={styles["slot"]} style={{ transform: `translateY(${item.start}px)` }}>
              <Row
                step={step}
                from={from}
                to={to}
                now={step.endedAt === null ? now : 0}
                selected={step.node === selected}
                folded={folded.has(step.node)}
                onSelect={onSelect}
                onFold={onFold}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function targetOf(key: string, at: number, rows: readonly Step[]): Step | undefined {
  if (key === "ArrowDown" || key === "j") return rows[Math.min(at + 1, rows.length - 1)];
  if (key === "ArrowUp" || key === "k") return rows[Math.max(at - 1, 0)];
  if (key === "Home") return rows[0];
  if (key === "End") return rows.at(-1);
  if (key === "ArrowLeft") return rows.find((row) => row.node === rows[at]?.parent);
  return undefined;
}

interface RowProps {
  step: Step;
  from: number;
  to: number;
  /** 0 for a step that has ended, so that it need not be drawn again. */
  now: number;
  selected: boolean;
  folded: boolean;
  onSelect: (node: string) => void;
  onFold: (node: string, shut: boolean) => void;
}

const Row = memo(function Row({ step, from, to, now, selected, folded, onSelect, onFold }: RowProps) {
  const group = step.children.length > 0;
  const took = step.startedAt === null ? "" : duration((step.endedAt ?? now) - step.startedAt);
  return (
    <div
      className={styles["row"]}
      role="treeitem"
      tabIndex={-1}
      aria-level={step.depth + 1}
      aria-selected={selected}
      aria-expanded={group ? !folded : undefined}
      data-selected={selected}
      onClick={() => onSelect(step.node)}
      onKeyDown={(event) => event.key === "Enter" && onSelect(step.node)}
    >
      <span className={styles["name"]} style={{ paddingInlineStart: step.depth * 16 }}>
        {group ? (
          <button
            type="button"
            className={styles["fold"]}
            data-folded={folded}
            tabIndex={-1}
            aria-hidden
            onClick={(event) => {
              event.stopPropagation();
              onFold(step.node, !folded);
            }}
          >
            <Icon name="chevron" size={12} />
          </button>
        ) : (
          <span className={styles["leaf"]} />
        )}
        <StateMark state={step.state} />
        <span className={styles["words"]} title={step.node}>
          {step.name}
          {step.task.index !== null && step.name.indexOf("[") < 0 ? <em>{` [${step.task.index}]`}</em> : null}
        </span>
      </span>
      <span className={styles["track"]}>
        {barsOf(step).map((bar) => (
          <span
            key={`${bar.what}${bar.from}`}
            className={styles["bar"]}
            data-what={bar.what}
            data-state={step.state}
            style={place(bar.from, bar.to ?? now, { from, to })}
          />
        ))}
      </span>
      <span className={styles["took"]}>{took}</span>
    </div>
  );
}, sameWithStep);

function barsOf(step: Step): { from: number; to: number | null; what: string }[] {
  if (step.bars.length > 0) return step.bars;
  if (step.startedAt === null) return [];
  return [{ from: step.startedAt, to: step.endedAt, what: step.children.length > 0 ? "group" : "ran" }];
}

function place(from: number, to: number, span: Span): { left: string; width: string } {
  const all = span.to - span.from;
  const left = Math.max(0, ((from - span.from) / all) * 100);
  return { left: `${left}%`, width: `${Math.max(0, Math.min(100 - left, ((to - from) / all) * 100))}%` };
}
