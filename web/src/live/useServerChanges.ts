import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Schemas } from "~/api/client";
import { follow } from "./connection";
import { noteLost, noteOpen } from "./status";

type Change = Schemas["Change"];

const PAUSE = 250;

/** Lists of what runs do and leave behind grow with them. */
const WITH_RUNS: QueryKey[] = [["tasks"], ["artifacts"]];

/** The queries that a change makes old. Keys begin with the plural of the kind, or with the kind and the id. */
export function touched(change: Pick<Change, "kind" | "id">): QueryKey[] {
  return [[`${change.kind}s`], [change.kind, change.id], ...(change.kind === "run" ? WITH_RUNS : [])];
}

/** Lets the lists of all pages follow the server. */
export function useServerChanges(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const renew = renewer(queries);
    return follow("/apis/pinnace/v1/events", (message) => {
      if (message.type === "open") noteOpen();
      else if (message.type === "lost") noteLost();
      else if (message.name === "change") renew(touched(message.data as Change));
      else if (message.name === "reset") void queries.invalidateQueries();
    });
  }, [queries]);
}

/** Marks queries as old, at most a few times a second however many changes there are. */
function renewer(queries: QueryClient): (keys: QueryKey[]) => void {
  const waiting = new Map<string, QueryKey>();
  const renew = () => {
    const due = [...waiting.values()];
    waiting.clear();
    for (const queryKey of due) void queries.invalidateQueries({ queryKey });
  };
  return (keys) => {
    if (waiting.size === 0) setTimeout(renew, PAUSE);
    for (const key of keys) waiting.set(JSON.stringify(key), key);
  };
}
