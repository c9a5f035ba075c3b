import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { actOnRun, type RunAction, runList } from "~/api/queries/runs";
import { type RunListSearch, runListSearch } from "~/app/search";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Code } from "~/ui/Code";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { connectLines } from "../home/Connect";
import { RunFilter } from "./RunFilter";
import { RunTable } from "./RunTable";
import { SelectionBar } from "./SelectionBar";

const route = getRouteApi("/runs");

export function RunsPage() {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const runs = useInfiniteQuery(runList(search));
  const rows = runs.data?.pages.flatMap((page) => page.rows) ?? [];
  const total = runs.data?.pages[0]?.total ?? 0;
  const selected = new Set(search.selected ?? []);
  const change = (next: RunListSearch) => navigate({ search: next, replace: true });
  const act = useMutation({
    mutationFn: async (action: RunAction) => {
      for (const run of selected) await actOnRun(run, action);
    },
    onSettled: () => {
      const { selected: _, ...rest } = search;
      void change(rest);
      return queries.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const choose = (chosen: ReadonlySet<string>) => {
    const { selected: _, ...rest } = search;
    void change(chosen.size > 0 ? { ...rest, selected: [...chosen] } : rest);
  };
  const more = runs.hasNextPage && !runs.isFetchingNextPage;
  return (
    <Page
      width="fill"
      title={text.runs.title}
      aside={runs.data ? text.runs.total(total) : null}
      actions={<NewRunLink />}
    >
      {selected.size > 0 ? (
        <SelectionBar
          count={selected.size}
          archived={search.archived ?? false}
          busy={act.isPending}
          onAct={act.mutate}
        />
      ) : (
        <RunFilter search={search} onChange={change} />
      )}
      {act.isError ? <Failure error={act.error} /> : null}
      {runs.isError ? <Failure error={runs.error} again={runs.refetch} /> : null}
      {runs.data && rows.length === 0 ? (
        <NoRuns filtered={Object.keys(search).length > 0} onClear={() => change({})} />
      ) : null}
      {rows.length > 0 ? (
        <RunTable
          rows={rows}
          sorting={{ by: search.sort ?? "created_at", descending: !search.up }}
          onSort={({ by, descending }) => change(sorted(search, by, descending))}
          selection={{ chosen: selected, onChange: choose }}
          onEnd={() => more && runs.fetchNextPage()}
        />
      ) : null}
    </Page>
  );
}

function NewRunLink() {
  const text = useText();
  return (
    <ButtonLink to="/runs/new" look="primary" icon="play">
      {text.newRun.open}
    </ButtonLink>
  );
}

function sorted(search: RunListSearch, by: string, descending: boolean): RunListSearch {
  const { sort: _, up: __, ...rest } = search;
  return runListSearch({ ...rest, sort: by, ...(descending ? {} : { up: true }) });
}

function NoRuns({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const text = useText();
  if (filtered) {
    return (
      <Empty icon="filter" title={text.runs.emptyFiltered}>
        <Button onClick={onClear}>{text.runs.clearFilter}</Button>
      </Empty>
    );
  }
  return (
    <Empty icon="runs" title={text.runs.emptyTitle}>
      <p>{text.runs.emptyHint}</p>
      <Code>{connectLines()}</Code>
    </Empty>
  );
}
