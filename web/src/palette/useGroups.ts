import { useQueries, useQuery } from "@tanstack/react-query";
import { foundOf, KINDS, latestRuns } from "~/api/queries/found";
import { useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { actionEntries, foundEntries, type Group, matching, pageEntries } from "./entries";

const NAMES = {
  run: "runs",
  pipeline: "pipelines",
  experiment: "experiments",
  recurring: "recurring",
  artifact: "artifacts",
} as const;

/** The lines for what is typed, and whether more of them are on their way. */
export function useGroups(words: string, onKeys: () => void): { groups: Group[]; busy: boolean; failed: boolean } {
  const text = useText();
  const now = usePreferences();
  // Without observers, a query that the next letter has made idle is cancelled.
  const found = useQueries({ queries: KINDS.map((kind) => foundOf(kind, words)) });
  const latest = useQuery({ ...latestRuns(), enabled: words === "" });
  const pages = { title: text.search.pages, entries: matching(pageEntries(text), words) };
  const actions = { title: text.search.actions, entries: matching(actionEntries(text, now, onKeys), words) };
  const groups =
    words === ""
      ? [{ title: text.search.recent, entries: foundEntries(latest.data ?? []) }, pages, actions]
      : [
          // What is known at once stands above what comes later, so that nothing moves under the eye.
          pages,
          actions,
          ...KINDS.map((kind, at) => ({
            title: text.nav[NAMES[kind]],
            entries: foundEntries(found[at]?.data ?? []),
          })),
        ];
  return {
    groups: groups.filter((group) => group.entries.length > 0),
    busy: words !== "" && found.some((each) => each.isPending),
    failed: found.some((each) => each.isError),
  };
}
