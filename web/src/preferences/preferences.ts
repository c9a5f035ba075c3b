/** What the viewer has chosen, kept in this browser and the same in all its tabs. */
import { useSyncExternalStore } from "react";

export interface Preferences {
  theme: "system" | "light" | "dark";
  language: "system" | "en" | "ko";
  zone: "local" | "utc";
  rail: "wide" | "narrow";
}

const KEY = "pinnace.preferences";
const DEFAULTS: Preferences = { theme: "system", language: "system", zone: "local", rail: "wide" };

let current = read();
const listeners = new Set<() => void>();

function read(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? { ...DEFAULTS, ...kept } : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}

function announce(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

window.addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  current = read();
  announce();
});

export function preferences(): Preferences {
  return current;
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing still follows the choice until the tab closes.
  }
  announce();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}
