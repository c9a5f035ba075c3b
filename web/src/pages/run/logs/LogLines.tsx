import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useText } from "~/i18n/text";
import type { LogBuffer } from "./LogBuffer";
import { LogLine } from "./LogLine";
import { splitLabel } from "./LogSelection";
import styles from "./LogView.module.css";

const ROW = 18;
/** Browsers know no higher elements than about 16 million pixels; what is longer is scrolled in larger steps. */
const HIGHEST = 12_000_000;
const SPARE = 12;

export interface Place {
  /** The line to show, of all that are here. */
  target: number | null;
  follow: boolean;
  shifted: number;
}

interface Props {
  buffer: LogBuffer;
  version: number;
  /** Numbers of the lines that are shown; null for all. */
  shown: Uint32Array | null;
  query: string;
  wrap: boolean;
  labelled: boolean;
  place: Place;
  hasEarlier: boolean;
  busy: boolean;
  onEarlier: () => void;
  onFollow: (follow: boolean) => void;
  onLabel?: (node: string) => void;
}

/** The lines of a log in sight. Scrolling goes by lines, so that neither their number nor wrapping matters. */
export function LogLines(props: Props) {
  const { buffer, shown, wrap, labelled, place, hasEarlier, onEarlier } = props;
  const text = useText();
  const frame = useRef<HTMLDivElement>(null);
  const before = useRef(0);
  const [view, setView] = useState({ top: 0, height: 600 });
  const count = shown?.length ?? buffer.lineCount;
  const space = Math.min(count * ROW, HIGHEST);
  const room = Math.max(1, space - view.height);
  const fits = Math.ceil(view.height / ROW);
  const share = Math.min(1, view.top / room);
  const stretched = count * ROW > HIGHEST;
  const atEnd = view.top >= room - 2;
  const first = Math.max(
    0,
    Math.min(count - fits, stretched ? Math.round(share * (count - fits)) : Math.floor(view.top / ROW)) - SPARE,
  );
  const last = Math.min(count, first + fits + 2 * SPARE);
  const top = stretched ? view.top - SPARE * ROW : first * ROW;
  useResize(frame, (height) => setView((now) => ({ ...now, height })));
  useScroll(frame, props, count, stretched, room, fits);
  return (
    <div
      ref={frame}
      className={styles["frame"]}
      data-wrap={wrap}
      role="log"
      aria-label={text.run.logs}
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        const box = event.currentTarget;
        setView({ top: box.scrollTop, height: box.clientHeight });
        const end = box.scrollHeight - box.scrollTop - box.clientHeight < 2 * ROW;
        // Being away from the end may also come of lines that were added: only going up is somebody's wish.
        if (end !== place.follow && (end || box.scrollTop < before.current)) props.onFollow(end);
        before.current = box.scrollTop;
        if (box.scrollTop < 4 * box.clientHeight && hasEarlier && !shown) onEarlier();
      }}
    >
      {props.busy ? <p className={styles["earlier"]}>{text.log.earlier}</p> : null}
      <div className={styles["space"]} style={{ height: space }}>
        <div
          className={styles["lines"]}
          style={atEnd && wrap ? { insetBlockEnd: 0 } : { transform: `translateY(${Math.max(0, top)}px)` }}
        >
          {Array.from({ length: Math.max(0, last - first) }, (_, index) => {
            const at = shown ? (shown[first + index] ?? 0) : first + index;
            const above = labelled && index > 0 ? (shown ? (shown[first + index - 1] ?? 0) : at - 1) : null;
            const line = buffer.line(at);
            return (
              <LogLine
                key={at + 1e9 - place.shifted}
                line={line}
                goesOn={above !== null && splitLabel(buffer.line(above))[0] === splitLabel(line)[0]}
                number={buffer.start === 0 ? at + 1 : null}
                query={props.query}
                labelled={labelled}
                current={at === place.target}
                {...(props.onLabel ? { onLabel: props.onLabel } : {})}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function useResize(frame: React.RefObject<HTMLDivElement | null>, onHeight: (height: number) => void): void {
  const told = useRef(onHeight);
  told.current = onHeight;
  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(([entry]) => entry && told.current(entry.contentRect.height));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame]);
}

/** Keeps the place: at the end while it is followed, at a line that is looked for, and where it was as lines come in front. */
function useScroll(
  frame: React.RefObject<HTMLDivElement | null>,
  { buffer, shown, place }: Props,
  count: number,
  stretched: boolean,
  room: number,
  fits: number,
): void {
  const { target, follow, shifted } = place;
  const seen = useRef(shifted);
  useLayoutEffect(() => {
    const box = frame.current;
    const by = shifted - seen.current;
    seen.current = shifted;
    if (box && by > 0 && !shown) box.scrollTop += by * ROW;
  }, [frame, shifted, shown]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to go on
  useLayoutEffect(() => {
    const box = frame.current;
    if (box && follow && target === null) box.scrollTop = box.scrollHeight;
  }, [frame, follow, target, count, buffer.end]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another target is a reason to go there
  useLayoutEffect(() => {
    const box = frame.current;
    if (!box || target === null) return;
    const at = shown ? shown.indexOf(target) : target;
    if (at < 0) return;
    const line = Math.max(0, at - Math.floor(fits / 2));
    box.scrollTop = stretched ? (line / Math.max(1, count - fits)) * room : line * ROW;
  }, [frame, target]);
}
