import { Link } from "@tanstack/react-router";
import type { RunRow } from "~/api/queries/runs";
import { type Messages, useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { type Column, DataTable, type Selection, type Sorting } from "~/ui/DataTable";
import { Elapsed } from "~/ui/Elapsed";
import { Icon } from "~/ui/Icon";
import { Moment } from "~/ui/Moment";
import { brief, type ValueColumn, valueIn } from "./columns";
import styles from "./RunTable.module.css";

interface Props {
  rows: readonly RunRow[];
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
  selection?: Selection;
  onEnd?: () => void;
  /** As high as its rows, with fewer columns. */
  short?: boolean;
  /** Parameters and metrics to show. */
  values?: readonly ValueColumn[];
}

const NO_VALUES: readonly ValueColumn[] = [];

/** Runs, a row each. */
export function RunTable({ values = NO_VALUES, ...props }: Props) {
  const text = useText();
  return (
    <DataTable
      {...props}
      label={text.runs.title}
      columns={columnsOf(text, props.short ?? false, values)}
      idOf={(run) => run.id}
      nameOf={(run) => run.name}
    />
  );
}

function columnsOf(text: Messages, compact: boolean, values: readonly ValueColumn[]): Column<RunRow>[] {
  const all: (Column<RunRow> | null)[] = [
    {
      key: "name",
      title: text.common.name,
      width: "minmax(110px, 1.6fr)",
      sort: "name",
      cell: (run) => <Name run={run} />,
    },
    {
      key: "state",
      title: text.common.state,
      width: "118px",
      narrow: "104px",
      cell: (run) => <StateMark state={run.state} word />,
    },
    compact
      ? null
      : {
          key: "experiment",
          title: text.common.experiment,
          width: "minmax(80px, 0.7fr)",
          spare: true,
          cell: (run) => (
            <Link
              to="/experiments/$experimentId"
              params={{ experimentId: run.experimentId }}
              className={styles["quiet"]}
            >
              {run.experiment}
            </Link>
          ),
        },
    {
      key: "pipeline",
      title: text.common.pipeline,
      width: "minmax(80px, 0.8fr)",
      spare: true,
      cell: (run) => <Pipeline run={run} />,
    },
    ...values.map(
      (column): Column<RunRow> => ({
        key: column,
        title: column.slice(2),
        width: "minmax(70px, 110px)",
        align: "end",
        spare: true,
        cell: (run) => <span title={brief(valueIn(run, column))}>{brief(valueIn(run, column))}</span>,
      }),
    ),
    {
      key: "duration",
      title: text.common.duration,
      width: "92px",
      narrow: "72px",
      align: "end",
      cell: (run) => <Elapsed from={run.createdAt} to={run.finishedAt} />,
    },
    {
      key: "created",
      title: text.common.created,
      width: "118px",
      align: "end",
      sort: "created_at",
      spare: true,
      cell: (run) => <Started run={run} />,
    },
  ];
  return all.filter((column) => column !== null);
}

function Pipeline({ run }: { run: RunRow }) {
  if (run.pipelineId === "") return <span className={styles["quiet"]}>{run.pipeline}</span>;
  return (
    <Link to="/pipelines/$pipelineId" params={{ pipelineId: run.pipelineId }} className={styles["quiet"]}>
      {run.version && run.version !== run.pipeline ? `${run.pipeline} · ${run.version}` : run.pipeline}
    </Link>
  );
}

/** When a run was made; one of a schedule has its mark. */
function Started({ run }: { run: RunRow }) {
  const text = useText();
  return (
    <>
      {run.recurringId ? <Icon name="schedules" size={12} label={run.recurring || text.runs.schedule} /> : null}{" "}
      <Moment at={run.createdAt} />
    </>
  );
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
