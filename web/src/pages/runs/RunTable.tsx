import { Link } from "@tanstack/react-router";
import type { RunRow } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Elapsed } from "~/ui/Elapsed";
import { Moment } from "~/ui/Moment";
import styles from "./RunTable.module.css";

interface Props {
  rows: readonly RunRow[];
  /** Without a heading, for short lists. */
  compact?: boolean;
  selected?: ReadonlySet<string>;
  onSelect?: (run: string, chosen: boolean) => void;
}

/** Runs, a row each. */
export function RunTable({ rows, compact = false, selected, onSelect }: Props) {
  const text = useText();
  return (
    <table className={styles["table"]} data-compact={compact}>
      <colgroup>
        {onSelect ? <col className={styles["narrow"]} /> : null}
        <col />
        <col className={styles["state"]} />
        <col className={styles["time"]} />
        <col className={styles["time"]} />
      </colgroup>
      <thead className={compact ? "visually-hidden" : undefined}>
        <tr>
          {onSelect ? <th className={styles["narrow"]} /> : null}
          <th>{text.common.name}</th>
          <th className={styles["state"]}>{text.common.state}</th>
          <th className={styles["time"]}>{text.common.duration}</th>
          <th className={styles["time"]}>{text.common.created}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((run) => (
          <tr key={run.id} data-selected={selected?.has(run.id)}>
            {onSelect ? (
              <td className={styles["narrow"]}>
                <input
                  type="checkbox"
                  aria-label={text.runs.select(run.name)}
                  checked={selected?.has(run.id) ?? false}
                  onChange={(event) => onSelect(run.id, event.target.checked)}
                />
              </td>
            ) : null}
            <td className={styles["name"]}>
              <Link to="/runs/$runId" params={{ runId: run.id }}>
                {run.name}
              </Link>
              {run.error && run.state === "FAILED" ? <span className={styles["cause"]}>{run.error}</span> : null}
            </td>
            <td className={styles["state"]}>
              <StateMark state={run.state} word />
            </td>
            <td className={styles["time"]}>
              <Elapsed from={run.createdAt} to={run.finishedAt} />
            </td>
            <td className={styles["time"]}>
              <Moment at={run.createdAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
