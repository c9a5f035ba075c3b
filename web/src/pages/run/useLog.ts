import { useEffect, useState } from "react";
import { ApiError, BASE } from "~/api/client";

export interface Log {
  lines: readonly string[];
  ended: boolean;
  error: Error | null;
}

const NOTHING: Log = { lines: [], ended: false, error: null };

/** The log of an attempt, growing while it is written. */
export function useLog(run: string, node: string, attempt: number): Log {
  const [log, setLog] = useState(NOTHING);
  useEffect(() => {
    const stop = new AbortController();
    setLog(NOTHING);
    follow(run, node, attempt, stop.signal, setLog).catch((error: unknown) => {
      if (!stop.signal.aborted)
        setLog((now) => ({ ...now, ended: true, error: error instanceof Error ? error : new Error(String(error)) }));
    });
    return () => stop.abort();
  }, [run, node, attempt]);
  return log;
}

async function follow(
  run: string,
  node: string,
  attempt: number,
  signal: AbortSignal,
  show: (log: Log) => void,
): Promise<void> {
  const address = `${BASE}/apis/pinnace/v1/runs/${run}/tasks/${encodeURIComponent(node)}/log?attempt=${attempt}&follow=true`;
  const answer = await fetch(address, { signal });
  if (!answer.ok || answer.body === null) throw new ApiError(answer.status, answer.statusText);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const lines: string[] = [];
  let pending = "";
  let due = 0;
  for (;;) {
    const { done, value } = await reader.read();
    const parts = (pending + (value ?? "")).split("\n");
    pending = done ? "" : (parts.pop() ?? "");
    if (!done || parts.at(-1) !== "") lines.push(...parts);
    else lines.push(...parts.slice(0, -1));
    // Drawing every chunk of a fast log would cost more than reading it.
    if (done || performance.now() >= due) {
      show({ lines: lines.slice(), ended: done, error: null });
      due = performance.now() + 100;
    }
    if (done) return;
  }
}
