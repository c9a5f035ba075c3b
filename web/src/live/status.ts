import { useSyncExternalStore } from "react";

/**
 * Whether what is shown follows the server: `polling` while its stream of changes is missing but the server answers,
 * `lost` while it does not. Neither is said before the stream has been missed for a while.
 */
export type Status = "starting" | "live" | "polling" | "lost";

const PATIENCE = 1500;

let current: Status = "starting";
/** When the server was last heard of, in milliseconds since the epoch. */
let heard = Date.now();
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function become(status: Status): void {
  if (status === "live" || status === "polling") heard = Date.now();
  if (status === current) return;
  if (status === "lost" && current === "live") heard = Date.now() - PATIENCE;
  current = status;
  for (const listener of listeners) listener();
}

export function noteOpen(): void {
  clearTimeout(timer);
  timer = undefined;
  become("live");
}

export function noteLost(): void {
  timer ??= setTimeout(() => become("lost"), PATIENCE);
}

/** When the server was last heard of. */
export function lastHeard(): number {
  return heard;
}

export function useStatus(): Status {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
