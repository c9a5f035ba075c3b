import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useMemo, useRef, useState } from "react";
import { runStructure } from "~/api/queries/run";
import { duration } from "~/format/duration";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Button } from "~/ui/Button";
import { useNow } from "~/ui/useNow";
import { type Span, type Step, sameWithStep, spanOf, steadySpan, visibleSteps } from "../steps";
import { Axis } from "./Axis";
import { criticalPath } from "./criticalPath";
import { Legend } from "./Legend";
import styles from "./Timeline.module.css";
import { useZoom } from "./useZoom";

const ROW = 26;
/** How often the critical path is looked for in a run that goes on. */
const CRITICAL = 3000;
const NOTHING: ReadonlySet<string> = new Set();

interface Props {
  run: string;
  steps: readonly Step[];
  live: boolean;
  selected: string | undefined;
  onSelect: (node: string) => void;
}

/** Attempts along the time: waiting and running told apart, and the steps that the end has waited for marked. */
export function TimelineView({ run, steps, live, selected, onSelect }: Props) {
  const text = useText();
  const [onlyCritical, setOnlyCritical] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const structure = useQuery(runStructure(run));
  const now = useNow(live ? 500 : 0);
  const { from, to } = steadySpan(
    useMemo(() => spanOf(steps, now), [steps, now]),
    live,
  );
  const whole = useMemo(() => ({ from, to }), [from, to]);
  const look = live ? Math.floor(now / CRITICAL) : steps;
  // biome-ignore lint/correctness/useExhaustiveDependencies: while the run is live, not with every step that changes
  const critical = useMemo(() => new Set(criticalPath(steps, structure.data ?? null)), [look, structure.data]);
  const rows = useMemo(() => {
    const all = visibleSteps(steps, NOTHING);
    return onlyCritical ? all.filter((step) => critical.has(step.node)) : all;
  }, [steps, onlyCritical, critical]);
  const zoom = useZoom(area, whole);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const at = rows.findIndex((row) => row.node === selected);
    const by =
      event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
    if (by !== 0) {
      const next = Math.min(Math.max(at + by, 0), rows.length - 1);
      const row = rows[next];
      if (row) onSelect(row.node);
      virtual.scrollToIndex(next);
    } else if (!zoom.onKey(event.key)) return;
    event.preventDefault();
  };
  return (
    <div className={styles["outer"]}>
      <div className={styles["tools"]}>
        <Legend />
        <label className={styles["switch"]}>
          <input type="checkbox" checked={onlyCritical} onChange={(event) => setOnlyCritical(event.target.checked)} />
          {text.timeline.onlyCritical(critical.size)}
        </label>
        <Button look="plain" icon="plus" aria-label={text.timeline.zoomIn} onClick={() => zoom.onKey("+")} />
        <Button look="plain" icon="dash" aria-label={text.timeline.zoomOut} onClick={() => zoom.onKey("-")} />
        <Button look="plain" disabled={!zoom.isZoomed} onClick={() => zoom.onKey("0")}>
          {text.timeline.fit}
        </Button>
      </div>
      <div className={styles["head"]}>
        <span className={styles["name"]}>{text.run.steps}</span>
        <div ref={area} className={styles["area"]} {...zoom.handlers}>
          <Axis span={zoom.span} origin={whole.from} />
        </div>
      </div>
      <div
        ref={frame}
        className={styles["frame"]}
        role="listbox"
        aria-label={text.run.timeline}
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...zoom.handlers}
      >
        <div className={styles["space"]} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const step = rows[item.index];
            if (!step) return null;
            return (
              <Row
                key={step.node}
                top={item.start}
                step={step}
                from={zoom.span.from}
                to={zoom.span.to}
                now={isOver(step) ? 0 : now}
                critical={critical.has(step.node)}
                selected={step.node === selected}
                flat={onlyCritical}
                onSelect={onSelect}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  top: number;
  step: Step;
  from: number;
  to: number;
  /** 0 for a step that has ended, so that it need not be drawn again. */
  now: number;
  critical: boolean;
  selected: boolean;
  flat: boolean;
  onSelect: (node: string) => void;
}

const Row = memo(function Row({ top, step, from, to, now, critical, selected, flat, onSelect }: RowProps) {
  const text = useText();
  const took = step.startedAt === null ? null : (step.endedAt ?? now) - step.startedAt;
  return (
    <div
      className={styles["row"]}
      role="option"
      aria-selected={selected}
      tabIndex={-1}
      data-critical={critical}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(step.node)}
      onKeyDown={(event) => event.key === "Enter" && onSelect(step.node)}
    >
      <span className={styles["name"]} style={{ paddingInlineStart: flat ? 0 : step.depth * 14 }} title={step.node}>
        <StateMark state={step.state} />
        <span>
          {flat
            ? step.node
            : step.name + (step.task.index === null || step.children.length === 0 ? "" : ` [${step.task.index}]`)}
        </span>
      </span>
      <span className={styles["track"]}>
        {critical ? (
          <span className={styles["critical"]} style={place(beginOf(step), step.endedAt ?? now, { from, to })} />
        ) : null}
        {barsOf(step).map((bar) => (
          <span
            key={`${bar.what}${bar.from}`}
            className={styles["bar"]}
            data-what={bar.what}
            data-state={step.state}
            title={`${text.timeline.bars[bar.what]} · ${duration((bar.to ?? now) - bar.from)}`}
            style={place(bar.from, bar.to ?? now, { from, to })}
          />
        ))}
      </span>
      <span className={styles["took"]}>{took === null ? "" : duration(took)}</span>
      {critical ? <span className="visually-hidden">{text.run.critical}</span> : null}
    </div>
  );
}, sameWithStep);

type What = "queued" | "ran" | "failed" | "group";

function barsOf(step: Step): { from: number; to: number | null; what: What }[] {
  if (step.bars.length > 0) return step.bars;
  if (step.startedAt === null) return [];
  return [{ from: step.startedAt, to: step.endedAt, what: step.children.length > 0 ? "group" : "ran" }];
}

function beginOf(step: Step): number {
  return step.bars[0]?.from ?? step.startedAt ?? step.endedAt ?? 0;
}

function isOver(step: Step): boolean {
  return step.endedAt !== null || (step.startedAt === null && step.bars.length === 0);
}

function place(from: number, to: number, span: Span): { left: string; width: string } | { display: "none" } {
  if (to < span.from || from > span.to) return { display: "none" };
  const all = span.to - span.from;
  const left = Math.max(0, (from - span.from) / all);
  const right = Math.min(1, (to - span.from) / all);
  return { left: `${left * 100}%`, width: `${(right - left) * 100}%` };
}
