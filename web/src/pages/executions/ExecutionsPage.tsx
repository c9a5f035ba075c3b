import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { taskState } from "~/api/queries/run";
import { type TaskBrief, taskList } from "~/api/queries/tasks";
import { TASK_STATES, taskListSearch } from "~/app/search";
import { instant } from "~/format/time";
import { type Messages, useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Button } from "~/ui/Button";
import { Code } from "~/ui/Code";
import { type Column, DataTable } from "~/ui/DataTable";
import { Elapsed } from "~/ui/Elapsed";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { SearchField } from "~/ui/SearchField";
import { Select } from "~/ui/Select";
import { Toolbar } from "~/ui/Toolbar";
import { connectLines } from "../home/connectLines";
import styles from "./ExecutionsPage.module.css";

const route = getRouteApi("/executions");

/** The steps of all runs. */
export function ExecutionsPage() {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const found = useInfiniteQuery(taskList(search));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (next: Record<string, unknown>) =>
    navigate({ search: taskListSearch({ ...search, ...next }), replace: true });
  return (
    <Page
      width="fill"
      title={text.nav.executions}
      aside={found.data ? text.executions.total(found.data.pages[0]?.total ?? 0) : null}
    >
      <Toolbar>
        <SearchField label={text.executions.search} value={search.q ?? ""} onChange={(q) => change({ q })} />
        <Select
          label={text.common.state}
          value={search.state ?? ""}
          onChange={(state) => change({ state })}
          choices={[
            ["", text.executions.anyState],
            ...TASK_STATES.map((state) => [state, text.states[state]] as const),
          ]}
        />
      </Toolbar>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {rows.length > 0 ? (
        <DataTable
          label={text.nav.executions}
          rows={rows}
          columns={columnsOf(text)}
          idOf={(row) => row.task_id}
          nameOf={(row) => row.display_name}
          onEnd={() => found.hasNextPage && !found.isFetchingNextPage && found.fetchNextPage()}
        />
      ) : null}
      {found.data && rows.length === 0 ? (
        <NoExecutions filtered={Object.keys(search).length > 0} onClear={() => navigate({ search: {} })} />
      ) : null}
    </Page>
  );
}

function columnsOf(text: Messages): Column<TaskBrief>[] {
  return [
    {
      key: "step",
      title: text.executions.step,
      width: "minmax(120px, 1fr)",
      cell: (row) => (
        <Link to="/runs/$runId" params={{ runId: row.run_id }} search={{ task: row.node }}>
          {row.display_name}
          {row.node === row.name ? null : <span className={styles["node"]}>{row.node}</span>}
        </Link>
      ),
    },
    {
      key: "state",
      title: text.common.state,
      width: "124px",
      cell: (row) => <StateMark state={taskState(row)} word />,
    },
    {
      key: "run",
      title: text.artifacts.run,
      width: "minmax(100px, 1fr)",
      cell: (row) => (
        <Link to="/runs/$runId" params={{ runId: row.run_id }} className={styles["plain"]}>
          {row.run_name}
        </Link>
      ),
    },
    {
      key: "duration",
      title: text.common.duration,
      width: "92px",
      align: "end",
      spare: true,
      cell: (row) => <Elapsed from={row.cached ? null : instant(row.started_at)} to={instant(row.ended_at)} />,
    },
    {
      key: "created",
      title: text.common.created,
      width: "130px",
      align: "end",
      spare: true,
      cell: (row) => <Moment at={instant(row.created_at)} />,
    },
  ];
}

function NoExecutions({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const text = useText();
  if (filtered) {
    return (
      <Empty icon="filter" title={text.executions.emptyFiltered}>
        <Button onClick={onClear}>{text.artifacts.clear}</Button>
      </Empty>
    );
  }
  return (
    <Empty icon="executions" title={text.executions.emptyTitle}>
      <p>{text.executions.emptyHint}</p>
      <Code>{connectLines()}</Code>
    </Empty>
  );
}
