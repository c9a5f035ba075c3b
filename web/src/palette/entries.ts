import type { Found } from "~/api/queries/found";
import { PLACES } from "~/app/places";
import { languageOf, type Messages } from "~/i18n/text";
import { type Preferences, prefer } from "~/preferences/preferences";
import type { StateName } from "~/states/states";
import type { IconName } from "~/ui/Icon";

/** A line of the palette. */
export interface Entry {
  key: string;
  icon: IconName;
  name: string;
  detail?: string | undefined;
  state?: StateName | undefined;
  /** A key that does the same. */
  shortcut?: string;
  /** Where it leads, without the server's own path; or what it does. */
  target: string | (() => void);
}

export interface Group {
  title: string;
  entries: readonly Entry[];
}

const PATHS: Record<Found["kind"], string> = {
  run: "/runs/",
  pipeline: "/pipelines/",
  experiment: "/experiments/",
  recurring: "/recurring/",
  artifact: "/artifacts/",
};

const ICONS: Record<Found["kind"], IconName> = {
  run: "runs",
  pipeline: "pipelines",
  experiment: "experiments",
  recurring: "schedules",
  artifact: "artifacts",
};

/** What was found, as lines. */
export function foundEntries(found: readonly Found[]): Entry[] {
  return found.map(({ kind, id, name, detail, state }) => ({
    key: `${kind} ${id}`,
    icon: ICONS[kind],
    name,
    detail,
    state,
    target: PATHS[kind] + encodeURIComponent(id),
  }));
}

/** The pages, as lines. */
export function pageEntries(text: Messages): Entry[] {
  return PLACES.map(({ to, icon, name, key }) => ({
    key: `page ${to}`,
    icon,
    name: text.nav[name],
    shortcut: `g ${key}`,
    target: to,
  }));
}

/** What can be done from everywhere. */
export function actionEntries(text: Messages, now: Preferences, onKeys: () => void): Entry[] {
  const action = (name: string, icon: IconName, target: Entry["target"], shortcut?: string): Entry => ({
    key: `action ${name}`,
    icon,
    name,
    target,
    ...(shortcut ? { shortcut } : {}),
  });
  const language = languageOf(now.language) === "ko" ? "en" : "ko";
  const zone = now.zone === "utc" ? "local" : "utc";
  const themes = (["light", "dark", "system"] as const).filter((theme) => theme !== now.theme);
  return [
    action(text.newRun.open, "play", "/runs/new", "n"),
    action(text.search.upload, "upload", "/pipelines?upload=true"),
    action(text.search.keys, "keyboard", onKeys, "?"),
    ...themes.map((theme) =>
      action(
        text.search.theme(text.theme[theme]),
        theme === "light" ? "sun" : theme === "dark" ? "moon" : "system",
        () => prefer({ theme }),
      ),
    ),
    action(text.search.language(text.language[language]), "settings", () => prefer({ language })),
    action(text.search.zone(text.zone[zone]), "clock", () => prefer({ zone })),
  ];
}

/** Those of the lines that have all of the words in their name, those that begin with them first. */
export function matching(entries: readonly Entry[], words: string): Entry[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const begins = (entry: Entry) => (entry.name.toLowerCase().startsWith(parts[0] ?? "") ? 0 : 1);
  return entries
    .filter((entry) => parts.every((part) => entry.name.toLowerCase().includes(part)))
    .sort((one, other) => begins(one) - begins(other));
}
