import { useSyncExternalStore } from "react";

/** Whether the server's stream of changes is there: `lost` only once it has been missed for a while. */
export type Status = "starting" | "live" | "lost";

const PATIENCE = 1500;

let current: Status = "starting";
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function become(status: Status): void {
  if (status === current) return;
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

export function useStatus(): Status {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** How often to ask: never while changes come by themselves. */
export function useFallback(milliseconds: number): number | false {
  return useStatus() === "live" ? false : milliseconds;
}
