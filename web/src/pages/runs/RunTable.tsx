import { Link } from "@tanstack/react-router";
import type { RunRow } from "~/api/queries/runs";
import { type Messages, useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { type Column, DataTable, type Selection, type Sorting } from "~/ui/DataTable";
import { Elapsed } from "~/ui/Elapsed";
import { Moment } from "~/ui/Moment";
import styles from "./RunTable.module.css";

interface Props {
  rows: readonly RunRow[];
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
  selection?: Selection;
  onEnd?: () => void;
  /** As high as its rows. */
  short?: boolean;
}

/** Runs, a row each. */
export function RunTable(props: Props) {
  const text = useText();
  return (
    <DataTable
      {...props}
      label={text.runs.title}
      columns={columnsOf(text)}
      idOf={(run) => run.id}
      nameOf={(run) => run.name}
    />
  );
}

function columnsOf(text: Messages): Column<RunRow>[] {
  return [
    {
      key: "name",
      title: text.common.name,
      width: "minmax(110px, 1fr)",
      sort: "name",
      cell: (run) => <Name run={run} />,
    },
    { key: "state", title: text.common.state, width: "120px", cell: (run) => <StateMark state={run.state} word /> },
    {
      key: "duration",
      title: text.common.duration,
      width: "92px",
      align: "end",
      cell: (run) => <Elapsed from={run.createdAt} to={run.finishedAt} />,
    },
    {
      key: "created",
      title: text.common.created,
      width: "130px",
      align: "end",
      sort: "created_at",
      spare: true,
      cell: (run) => <Moment at={run.createdAt} />,
    },
  ];
}

function Name({ run }: { run: RunRow }) {
  return (
    <>
      <Link to="/runs/$runId" params={{ runId: run.id }} className={styles["name"]}>
        {run.name}
      </Link>
      {run.error && run.state === "FAILED" ? <span className={styles["cause"]}>{run.error}</span> : null}
    </>
  );
}
