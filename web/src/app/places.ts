import type { IconName } from "~/ui/Icon";

/** The pages that are always at hand, with the second key of `g …` that leads to each. */
export const PLACES = [
  { to: "/", icon: "home", name: "home", key: "h" },
  { to: "/runs", icon: "runs", name: "runs", key: "r" },
  { to: "/pipelines", icon: "pipelines", name: "pipelines", key: "p" },
  { to: "/experiments", icon: "experiments", name: "experiments", key: "e" },
  { to: "/recurring", icon: "schedules", name: "recurring", key: "s" },
  { to: "/artifacts", icon: "artifacts", name: "artifacts", key: "a" },
  { to: "/executions", icon: "executions", name: "executions", key: "x" },
  { to: "/settings", icon: "settings", name: "settings", key: "o" },
] as const satisfies { to: string; icon: IconName; name: string; key: string }[];

export type Place = (typeof PLACES)[number];
