import { useRouter } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef } from "react";

/**
 * Moves the focus into the page that was gone to, as a browser does when it loads one. The page's heading takes it from
 * there once it is known (`ui/Page.tsx`).
 */
export function useFocusOnNavigation(): RefObject<HTMLElement | null> {
  const router = useRouter();
  const main = useRef<HTMLElement>(null);
  useEffect(
    () =>
      router.subscribe("onBeforeLoad", ({ fromLocation, pathChanged }) => {
        if (fromLocation === undefined || !pathChanged) return;
        document.title = "Pinnace";
        main.current?.focus({ preventScroll: true });
      }),
    [router],
  );
  return main;
}
