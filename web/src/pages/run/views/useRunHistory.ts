import { useEffect, useState } from "react";
import type { Schemas } from "~/api/client";
import { follow } from "~/live/connection";

export type RunEvent = Schemas["RunEvent"];

const PAUSE = 150;

/** Everything that happened in a run so far, in order, growing while it goes on. */
export function useRunHistory(run: string): { events: readonly RunEvent[]; loaded: boolean } {
  const [found, setFound] = useState<{ events: readonly RunEvent[]; loaded: boolean }>({ events: [], loaded: false });
  useEffect(() => {
    let all: RunEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      setFound({ events: all, loaded: true });
    };
    const stop = follow(`/apis/pinnace/v1/runs/${run}/events?after=0`, (message) => {
      if (message.type !== "event") return;
      if (message.name === "update") {
        const known = all.at(-1)?.sequence ?? 0;
        const news = (message.data as Schemas["RunUpdate"]).events.filter((each) => each.sequence > known);
        if (news.length > 0) all = all.concat(news);
      }
      timer ??= setTimeout(show, PAUSE);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [run]);
  return found;
}
