import type { ReactNode } from "react";
import { levelOf, pieces, plain } from "./ansi";
import { splitLabel } from "./LogSelection";
import styles from "./LogView.module.css";

interface Props {
  line: string;
  /** Null where it is not known, since the beginning of the log is not here. */
  number: number | null;
  query: string;
  labelled: boolean;
  /** The line above is of the same step. */
  goesOn: boolean;
  current: boolean;
  onLabel?: (node: string) => void;
}

/** A line of a log with its colours, and what is searched for marked in it. */
export function LogLine({ line, number, query, labelled, goesOn, current, onLabel }: Props) {
  const [label, rest] = labelled ? splitLabel(line) : ["", line];
  const node = label.replace(/ \(attempt \d+\)$/, "");
  return (
    <div className={styles["line"]} data-current={current}>
      {labelled ? (
        <button
          type="button"
          className={styles["label"]}
          tabIndex={-1}
          title={label}
          onClick={() => node && onLabel?.(node)}
        >
          {goesOn ? "" : label}
        </button>
      ) : (
        <span className={styles["number"]}>{number}</span>
      )}
      <span className={styles["words"]} data-level={levelOf(plain(rest)) ?? undefined}>
        {pieces(rest).map((piece, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line never move
            key={index}
            data-paint={piece.paint ?? undefined}
            data-strong={piece.strong || undefined}
          >
            {marked(piece.text, query)}
          </span>
        ))}
      </span>
    </div>
  );
}

function marked(text: string, query: string): ReactNode {
  if (!query) return text;
  const parts: ReactNode[] = [];
  const wanted = query.toLowerCase();
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return from === 0 ? text : [...parts, text.slice(from)];
}
