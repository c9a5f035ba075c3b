import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type RunAction, runList } from "~/api/queries/runs";
import { type RunListSearch, runListSearch } from "~/app/search";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Code } from "~/ui/Code";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Toolbar } from "~/ui/Toolbar";
import { connectLines } from "../home/connectLines";
import { actOnRuns } from "./actOnRuns";
import { ColumnMenu } from "./ColumnMenu";
import { valueColumns } from "./columns";
import { RunFilter } from "./RunFilter";
import { RunTable } from "./RunTable";
import { SelectionBar } from "./SelectionBar";

interface Props {
  /** Which runs, in which order, and which are selected. */
  search: RunListSearch;
  onChange: (search: RunListSearch) => void;
  /** What stands where there are none; without it, how to start one. */
  none?: ReactNode;
}

/** Runs with everything that finds, sorts, selects and changes them. */
export function RunList({ search, onChange, none }: Props) {
  const queries = useQueryClient();
  const runs = useInfiniteQuery(runList(search));
  const rows = runs.data?.pages.flatMap((page) => page.rows) ?? [];
  const selected = new Set(search.selected ?? []);
  const choose = (chosen: ReadonlySet<string>) => {
    const { selected: _, ...rest } = search;
    onChange(chosen.size > 0 ? { ...rest, selected: [...chosen] } : rest);
  };
  const act = useMutation({
    mutationFn: (action: RunAction) => actOnRuns([...selected], action, queries),
    onSettled: () => choose(new Set()),
  });
  const more = runs.hasNextPage && !runs.isFetchingNextPage;
  return (
    <>
      {selected.size > 0 ? (
        <SelectionBar
          chosen={[...selected]}
          archived={search.archived ?? false}
          busy={act.isPending}
          onAct={act.mutate}
        />
      ) : (
        <Toolbar>
          <RunFilter search={search} onChange={onChange} />
          <ColumnMenu
            known={valueColumns(rows)}
            shown={search.columns ?? []}
            onChange={(columns) => onChange({ ...search, columns })}
          />
        </Toolbar>
      )}
      {runs.isError ? <Failure error={runs.error} again={runs.refetch} /> : null}
      {runs.data && rows.length === 0 ? (
        <NoRuns filtered={isFiltered(search)} onClear={() => onChange(unfiltered(search))} none={none} />
      ) : null}
      {rows.length > 0 ? (
        <RunTable
          rows={rows}
          values={search.columns ?? []}
          sorting={{ by: search.sort ?? "created_at", descending: !search.up }}
          onSort={({ by, descending }) => onChange(sorted(search, by, descending))}
          selection={{ chosen: selected, onChange: choose }}
          onEnd={() => more && runs.fetchNextPage()}
        />
      ) : null}
    </>
  );
}

function isFiltered({ q, state, archived }: RunListSearch): boolean {
  return q !== undefined || state !== undefined || archived !== undefined;
}

function unfiltered({ q: _, state: __, archived: ___, ...rest }: RunListSearch): RunListSearch {
  return rest;
}

function sorted(search: RunListSearch, by: string, descending: boolean): RunListSearch {
  const { sort: _, up: __, ...rest } = search;
  return runListSearch({ ...rest, sort: by, ...(descending ? {} : { up: true }) });
}

interface NoRunsProps {
  filtered: boolean;
  onClear: () => void;
  none: ReactNode;
}

function NoRuns({ filtered, onClear, none }: NoRunsProps) {
  const text = useText();
  if (filtered) {
    return (
      <Empty icon="filter" title={text.runs.emptyFiltered}>
        <Button onClick={onClear}>{text.runs.clearFilter}</Button>
      </Empty>
    );
  }
  if (none) return none;
  return (
    <Empty icon="runs" title={text.runs.emptyTitle}>
      <p>{text.runs.emptyHint}</p>
      <Code>{connectLines()}</Code>
    </Empty>
  );
}
