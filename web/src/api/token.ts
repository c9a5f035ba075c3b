/** The token of a server that asks for one (`pinnace up --token`), kept until the tab is closed. */
import { useSyncExternalStore } from "react";

const KEY = "pinnace.token";

let current = read();
let refused = false;
const listeners = new Set<() => void>();

function read(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function token(): string {
  return current;
}

export function keepToken(given: string): void {
  current = given;
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // A browser that keeps nothing asks again after a reload.
  }
}

/** What requests carry. */
export function authorization(): Record<string, string> {
  return current ? { Authorization: `Bearer ${current}` } : {};
}

/** The server has refused a request for want of the right token. */
export function noteRefused(): void {
  if (refused) return;
  refused = true;
  for (const listener of listeners) listener();
}

export function useIsRefused(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => refused,
  );
}
