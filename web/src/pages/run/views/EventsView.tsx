import { useMemo, useState } from "react";
import { exact, instant, precise } from "~/format/time";
import { languageOf, type Messages, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { type Column, DataTable } from "~/ui/DataTable";
import { SearchField } from "~/ui/SearchField";
import { Toolbar } from "~/ui/Toolbar";
import { type RunEvent, useRunHistory } from "./useRunHistory";
import styles from "./Views.module.css";

interface Props {
  run: string;
  onSelect: (node: string) => void;
}

/** What happened in a run, in words and in order. */
export function EventsView({ run, onSelect }: Props) {
  const text = useText();
  const { zone, language } = usePreferences();
  const [part, setPart] = useState("");
  const { events, loaded } = useRunHistory(run);
  const shown = useMemo(
    () => (part ? events.filter((event) => event.node?.toLowerCase().includes(part.toLowerCase())) : events),
    [events, part],
  );
  const columns: Column<RunEvent>[] = [
    { key: "sequence", title: "#", width: "64px", cell: (event) => event.sequence, align: "end" },
    {
      key: "at",
      title: text.events.at,
      width: "180px",
      cell: (event) => {
        const at = instant(event.at) ?? 0;
        return (
          <time dateTime={event.at} title={exact(at, zone, languageOf(language))}>
            {precise(at, zone, languageOf(language))}
          </time>
        );
      },
      spare: true,
    },
    {
      key: "what",
      title: text.events.what,
      width: "minmax(200px, 1fr)",
      cell: (event) => (
        <span title={event.type}>
          {wordsOf(event, text)}
          {event.attempt !== null && event.attempt > 1 ? ` (${text.run.attempt} ${event.attempt})` : ""}
        </span>
      ),
    },
    {
      key: "node",
      title: text.run.task,
      width: "minmax(140px, 1fr)",
      cell: (event) =>
        event.node && event.node !== "." ? (
          <button type="button" className={styles["link"]} onClick={() => onSelect(event.node ?? "")}>
            {event.node}
          </button>
        ) : (
          <span className={styles["calm"]}>{text.events.wholeRun}</span>
        ),
    },
  ];
  return (
    <div className={styles["list"]}>
      <Toolbar>
        <SearchField label={text.events.filter} value={part} onChange={setPart} />
        <span className={styles["calm"]}>{text.events.count(shown.length)}</span>
      </Toolbar>
      {loaded ? (
        <DataTable
          label={text.run.events}
          rows={shown}
          columns={columns}
          idOf={(event) => String(event.sequence)}
          nameOf={(event) => event.type}
        />
      ) : (
        <p className={styles["calm"]}>{text.common.loading}</p>
      )}
    </div>
  );
}

/** The whole pipeline is a group of steps too, but nobody would call it so. */
function wordsOf({ type, node }: RunEvent, { events }: Messages): string {
  const whole = node === "." ? events.whole[type as keyof typeof events.whole] : undefined;
  return whole ?? events.types[type as keyof typeof events.types] ?? type;
}
