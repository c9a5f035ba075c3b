import { useSyncExternalStore } from "react";

const query = window.matchMedia("(width < 720px)");

/** Whether the screen is a phone's. Style sheets know the same width. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}
