import { useNavigate } from "@tanstack/react-router";
import type { RunHeader } from "~/api/queries/run";
import { neighbour } from "~/api/queries/runs";
import type { RunSearchChange } from "~/app/search";
import { useText } from "~/i18n/text";
import { useKey } from "~/keys/useKey";

interface Options {
  run: RunHeader;
  change: (next: RunSearchChange) => void;
  /** The node of the step that failed first. */
  failed: string | undefined;
}

/** The keys of the page of a run. */
export function useRunKeys({ run, change, failed }: Options): void {
  const words = useText().run.keys;
  const navigate = useNavigate();
  const go = (newer: boolean) =>
    void neighbour(run, newer).then((id) => {
      if (id) void navigate({ to: "/runs/$runId", params: { runId: id } });
    });
  useKey("f", words.failed, () => failed && change({ task: failed, tab: "cause", view: "steps" }), {
    when: failed !== undefined,
  });
  useKey("l", words.logs, () => change({ view: "logs" }));
  useKey("v", words.graph, () => change({ view: "graph" }));
  useKey("t", words.timeline, () => change({ view: "timeline" }));
  useKey("s", words.tree, () => change({ view: "steps" }));
  useKey("[", words.older, () => go(false));
  useKey("]", words.newer, () => go(true));
}
