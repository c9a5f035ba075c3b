import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type Progress, type Recurring, recurringList, recurringProgress } from "~/api/queries/recurring";
import { type Messages, useText } from "~/i18n/text";
import { triggerWords } from "~/schedule/words";
import { ButtonLink } from "~/ui/ButtonLink";
import { Code } from "~/ui/Code";
import { type Column, DataTable } from "~/ui/DataTable";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { SearchField } from "~/ui/SearchField";
import { Toolbar } from "~/ui/Toolbar";
import { EnableSwitch } from "./EnableSwitch";
import styles from "./RecurringRunsPage.module.css";

const route = getRouteApi("/recurring");

export function RecurringRunsPage() {
  const text = useText();
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useInfiniteQuery(recurringList(q));
  const rows = found.data?.pages.flatMap((page) => page.rows) ?? [];
  const progress = useQuery(recurringProgress(rows.map((row) => row.id)));
  return (
    <Page
      width="fill"
      title={text.nav.recurring}
      aside={found.data ? text.recurring.total(found.data.pages[0]?.total ?? 0) : null}
      actions={
        <ButtonLink to="/recurring/new" look="primary" icon="plus">
          {text.recurring.create}
        </ButtonLink>
      }
    >
      <Toolbar>
        <SearchField
          label={text.runs.search}
          value={q ?? ""}
          onChange={(part) => navigate({ search: part ? { q: part } : {}, replace: true })}
        />
      </Toolbar>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data && rows.length === 0 ? <NoRecurringRuns filtered={q !== undefined} /> : null}
      {rows.length > 0 ? (
        <DataTable
          label={text.nav.recurring}
          rows={rows}
          columns={columnsOf(text, progress.data)}
          idOf={(row) => row.id}
          nameOf={(row) => row.name}
          onEnd={() => found.hasNextPage && !found.isFetchingNextPage && found.fetchNextPage()}
        />
      ) : null}
    </Page>
  );
}

function columnsOf(text: Messages, progress: ReadonlyMap<string, Progress> | undefined): Column<Recurring>[] {
  return [
    {
      key: "enabled",
      title: text.recurring.enabled,
      width: "72px",
      cell: (row) => <EnableSwitch recurring={row} />,
    },
    {
      key: "name",
      title: text.common.name,
      width: "minmax(120px, 1fr)",
      cell: (row) => <Name row={row} error={progress?.get(row.id)?.error ?? ""} />,
    },
    {
      key: "when",
      title: text.recurring.when,
      width: "minmax(120px, 1.2fr)",
      cell: (row) => {
        const words = triggerWords(row.trigger, text.schedule);
        return <span title={row.trigger?.kind === "cron" ? row.trigger.expression : words}>{words}</span>;
      },
    },
    {
      key: "next",
      title: text.recurring.next,
      width: "130px",
      align: "end",
      cell: (row) => <Moment at={progress?.get(row.id)?.nextAt ?? null} as="ago" />,
    },
    {
      key: "last",
      title: text.recurring.last,
      width: "130px",
      align: "end",
      spare: true,
      cell: (row) => <Moment at={progress?.get(row.id)?.lastAt ?? null} />,
    },
    {
      key: "made",
      title: text.recurring.made,
      width: "96px",
      align: "end",
      spare: true,
      cell: (row) => progress?.get(row.id)?.made ?? "",
    },
  ];
}

function Name({ row, error }: { row: Recurring; error: string }) {
  return (
    <>
      <Link to="/recurring/$recurringId" params={{ recurringId: row.id }} className={styles["name"]}>
        {row.name}
      </Link>
      {error ? <span className={styles["error"]}>{error}</span> : null}
    </>
  );
}

const EXAMPLE = [
  "client.create_recurring_run(",
  '    experiment_id, "nightly", cron_expression="0 30 6 * * *",',
  "    pipeline_id=pipeline_id, version_id=version_id,",
  ")",
].join("\n");

function NoRecurringRuns({ filtered }: { filtered: boolean }) {
  const text = useText();
  if (filtered) return <Empty icon="filter" title={text.recurring.emptyFiltered} />;
  return (
    <Empty icon="schedules" title={text.recurring.emptyTitle}>
      <p>{text.recurring.emptyHint}</p>
      <Code>{EXAMPLE}</Code>
      <ButtonLink to="/recurring/new" icon="plus">
        {text.recurring.create}
      </ButtonLink>
    </Empty>
  );
}
