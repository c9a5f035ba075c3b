import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ArtifactLine, artifactList } from "~/api/queries/artifacts";
import { ARTIFACT_KINDS, artifactListSearch } from "~/app/search";
import { bytes } from "~/format/bytes";
import { instant } from "~/format/time";
import { type Messages, useText } from "~/i18n/text";
import { ArtifactIcon, typeName } from "~/preview/ArtifactIcon";
import { Button } from "~/ui/Button";
import { Code } from "~/ui/Code";
import { type Column, DataTable } from "~/ui/DataTable";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { SearchField } from "~/ui/SearchField";
import { Select } from "~/ui/Select";
import { Toolbar } from "~/ui/Toolbar";
import styles from "./ArtifactsPage.module.css";

const route = getRouteApi("/artifacts");
const EXAMPLE = `@dsl.component
def load(data: dsl.Output[dsl.Dataset]):
    with open(data.path, "w") as file:
        file.write("a,b\\n1,2\\n")`;

/** Everything that steps of all runs gave out. */
export function ArtifactsPage() {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const found = useInfiniteQuery(artifactList(search));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (next: Record<string, unknown>) =>
    navigate({ search: artifactListSearch({ ...search, ...next }), replace: true });
  return (
    <Page
      width="fill"
      title={text.nav.artifacts}
      aside={found.data ? text.artifacts.total(found.data.pages[0]?.total ?? 0) : null}
    >
      <Toolbar>
        <SearchField label={text.artifacts.search} value={search.q ?? ""} onChange={(q) => change({ q })} />
        <Select
          label={text.artifacts.type}
          value={search.kind ?? ""}
          onChange={(kind) => change({ kind })}
          choices={[
            ["", text.artifacts.anyType],
            ...ARTIFACT_KINDS.map((kind) => [kind, text.artifacts.kinds[kind]] as const),
          ]}
        />
      </Toolbar>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {rows.length > 0 ? (
        <DataTable
          label={text.nav.artifacts}
          rows={rows}
          columns={columnsOf(text)}
          idOf={(row) => row.artifact_id}
          nameOf={(row) => row.name}
          onEnd={() => found.hasNextPage && !found.isFetchingNextPage && found.fetchNextPage()}
        />
      ) : null}
      {found.data && rows.length === 0 ? (
        <NoArtifacts filtered={Object.keys(search).length > 0} onClear={() => navigate({ search: {} })} />
      ) : null}
    </Page>
  );
}

function columnsOf(text: Messages): Column<ArtifactLine>[] {
  return [
    {
      key: "name",
      title: text.common.name,
      width: "minmax(130px, 1fr)",
      cell: (row) => (
        <Link to="/artifacts/$artifactId" params={{ artifactId: row.artifact_id }} className={styles["name"]}>
          <ArtifactIcon type={row.type} />
          {row.name}
        </Link>
      ),
    },
    { key: "type", title: text.artifacts.type, width: "minmax(96px, 0.6fr)", cell: (row) => typeName(row.type) },
    {
      key: "run",
      title: text.artifacts.run,
      width: "minmax(110px, 1fr)",
      cell: ({ producer, run_id }) =>
        producer ? (
          <Link to="/runs/$runId" params={{ runId: producer.task.run_id }} className={styles["plain"]}>
            {producer.task.run_name}
          </Link>
        ) : (
          <span className={styles["faint"]}>{run_id === null ? text.artifacts.registered : text.artifacts.gone}</span>
        ),
    },
    {
      key: "step",
      title: text.executions.step,
      width: "minmax(100px, 0.8fr)",
      spare: true,
      cell: ({ producer }) =>
        producer ? (
          <Link
            to="/runs/$runId"
            params={{ runId: producer.task.run_id }}
            search={{ task: producer.task.node }}
            className={styles["plain"]}
            title={producer.task.node}
          >
            {producer.task.display_name}
          </Link>
        ) : null,
    },
    {
      key: "size",
      title: text.artifacts.size,
      width: "86px",
      align: "end",
      spare: true,
      cell: (row) => (row.size === null ? <span aria-hidden>–</span> : bytes(row.size)),
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

function NoArtifacts({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const text = useText();
  if (filtered) {
    return (
      <Empty icon="filter" title={text.artifacts.emptyFiltered}>
        <Button onClick={onClear}>{text.artifacts.clear}</Button>
      </Empty>
    );
  }
  return (
    <Empty icon="artifacts" title={text.artifacts.emptyTitle}>
      <p>{text.artifacts.emptyHint}</p>
      <Code>{EXAMPLE}</Code>
    </Empty>
  );
}
