import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { useText } from "~/i18n/text";
import { keys } from "~/keys/registry";
import { useKey } from "~/keys/useKey";
import { PLACES } from "./places";

/** The keys that hold on every page. */
export function useShellKeys(open: (layer: "search" | "keys") => void): void {
  const text = useText();
  const router = useRouter();
  useEffect(() => {
    window.addEventListener("keydown", keys.hear);
    return () => window.removeEventListener("keydown", keys.hear);
  }, []);
  useEffect(() => {
    const remove = PLACES.map(({ to, name, key }) =>
      keys.add({ key: `g ${key}`, what: text.nav[name], group: "places", action: () => router.navigate({ to }) }),
    );
    return () => {
      for (const each of remove) each();
    };
  }, [text, router]);
  const everywhere = { group: "everywhere" } as const;
  useKey("?", text.keys.sheet, () => open("keys"), everywhere);
  useKey("n", text.keys.newRun, () => router.navigate({ to: "/runs/new" }), everywhere);
  useKey("/", text.keys.search, () => open("search"), everywhere);
  useKey("mod+k", text.keys.search, () => open("search"), everywhere);
}
