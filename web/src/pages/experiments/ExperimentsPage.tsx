import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { type ExperimentRow, experimentList } from "~/api/queries/experiments";
import { type Messages, useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { type Column, DataTable } from "~/ui/DataTable";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { SearchField } from "~/ui/SearchField";
import { Segments } from "~/ui/Segments";
import { Toolbar } from "~/ui/Toolbar";
import { NewExperiment } from "./NewExperiment";

const route = getRouteApi("/experiments");

export function ExperimentsPage() {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [making, setMaking] = useState(false);
  const found = useInfiniteQuery(experimentList(search));
  const rows = found.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Page
      width="fill"
      title={text.nav.experiments}
      aside={found.data ? text.experiments.total(found.data.pages[0]?.total ?? 0) : null}
      actions={
        <Button icon="plus" onClick={() => setMaking(true)}>
          {text.experiments.create}
        </Button>
      }
    >
      <Toolbar>
        <SearchField
          label={text.runs.search}
          value={search.q ?? ""}
          onChange={(q) => navigate({ search: { ...rest(search, "q"), ...(q ? { q } : {}) }, replace: true })}
        />
        <Segments
          label={text.runs.archived}
          value={search.archived ? "archived" : "active"}
          onChoose={(chosen) =>
            navigate({
              search: { ...rest(search, "archived"), ...(chosen === "archived" ? { archived: true } : {}) },
              replace: true,
            })
          }
          choices={[
            ["active", text.runs.active],
            ["archived", text.runs.archived],
          ]}
        />
      </Toolbar>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data && rows.length === 0 ? (
        <Empty icon="experiments" title={text.experiments.empty}>
          <p>{text.experiments.emptyHint}</p>
        </Empty>
      ) : null}
      {rows.length > 0 ? (
        <DataTable
          label={text.nav.experiments}
          rows={rows}
          columns={columnsOf(text)}
          idOf={(row) => row.id}
          nameOf={(row) => row.name}
          onEnd={() => found.hasNextPage && !found.isFetchingNextPage && found.fetchNextPage()}
        />
      ) : null}
      {making ? <NewExperiment onClose={() => setMaking(false)} /> : null}
    </Page>
  );
}

function rest<T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> {
  const { [key]: _, ...others } = object;
  return others;
}

function columnsOf(text: Messages): Column<ExperimentRow>[] {
  return [
    {
      key: "name",
      title: text.common.name,
      width: "minmax(140px, 1fr)",
      cell: (row) => (
        <Link to="/experiments/$experimentId" params={{ experimentId: row.id }}>
          {row.name}
        </Link>
      ),
    },
    {
      key: "description",
      title: text.common.description,
      width: "minmax(120px, 1.6fr)",
      spare: true,
      cell: (row) => row.description,
    },
    {
      key: "last",
      title: text.experiments.lastRun,
      width: "130px",
      align: "end",
      cell: (row) => <Moment at={row.lastRunAt} />,
    },
    {
      key: "created",
      title: text.common.created,
      width: "130px",
      align: "end",
      spare: true,
      cell: (row) => <Moment at={row.createdAt} />,
    },
  ];
}
