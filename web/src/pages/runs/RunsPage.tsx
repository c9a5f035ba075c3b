import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { actOnRun, type RunAction, runList } from "~/api/queries/runs";
import type { RunListSearch } from "~/app/search";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Code } from "~/ui/Code";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { connectLines } from "../home/Connect";
import { RunFilter } from "./RunFilter";
import styles from "./RunsPage.module.css";
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
  const select = (run: string, chosen: boolean) => {
    const next = new Set(selected);
    if (chosen) next.add(run);
    else next.delete(run);
    const { selected: _, ...rest } = search;
    void change(next.size > 0 ? { ...rest, selected: [...next] } : rest);
  };
  return (
    <Page title={text.runs.title} aside={runs.data ? text.runs.total(total) : null}>
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
        <div className={styles["frame"]}>
          <RunTable rows={rows} selected={selected} onSelect={select} />
        </div>
      ) : null}
      {runs.hasNextPage ? (
        <Button onClick={() => runs.fetchNextPage()} disabled={runs.isFetchingNextPage}>
          {text.common.more} ({text.common.of(rows.length, total)})
        </Button>
      ) : null}
    </Page>
  );
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
