import { onlineManager, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask, BASE } from "~/api/client";
import { become, useStatus } from "./status";

const PAUSE = 4000;
const LIMIT = 10_000;

/** Whether the server answers at all. */
async function answers(): Promise<boolean> {
  try {
    return (await ask(`${BASE}/apis/v2beta1/healthz`, { signal: AbortSignal.timeout(LIMIT) })).ok;
  } catch {
    return false;
  }
}

/**
 * What happens while the stream of changes is missing: the server is asked every few seconds. If it answers, so is all
 * that is in sight; if not, queries wait, and what they have shown stays.
 */
export function useReach(): void {
  const queries = useQueryClient();
  const status = useStatus();
  const follows = status === "live" || status === "starting";
  useEffect(() => {
    if (follows) {
      onlineManager.setOnline(true);
      return;
    }
    let timer: ReturnType<typeof setTimeout>;
    let over = false;
    const poll = async () => {
      const there = await answers();
      if (over) return;
      onlineManager.setOnline(there);
      become(there ? "polling" : "lost");
      if (there) void queries.invalidateQueries();
      timer = setTimeout(poll, PAUSE);
    };
    void poll();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [follows, queries]);
}
