import { useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { Field } from "~/ui/Field";
import { Segments } from "~/ui/Segments";
import styles from "../new-run/NewRun.module.css";
import { CronFields } from "./CronFields";
import { type TriggerEntry, triggerOf } from "./entry";
import { IntervalFields } from "./IntervalFields";

interface Props {
  entry: TriggerEntry;
  onChange: (entry: TriggerEntry) => void;
  /** What the server says against it. */
  refused: { field: "cron" | "interval" | "end"; words: string | undefined } | null;
}

/** When runs are to be made, with what that means for the next days. */
export function ScheduleCard({ entry, onChange, refused }: Props) {
  const text = useText();
  const { zone } = usePreferences();
  const { trigger, fault } = triggerOf(entry, zone);
  const said = (field: "cron" | "interval" | "end") => (refused?.field === field ? refused.words : undefined);
  const change = (part: Partial<TriggerEntry>) => onChange({ ...entry, ...part });
  return (
    <section className={styles["card"]}>
      <h2>{text.recurring.schedule}</h2>
      <Segments
        label={text.recurring.trigger}
        value={entry.kind}
        onChoose={(kind) => change({ kind })}
        choices={[
          ["cron", text.recurring.cron],
          ["interval", text.recurring.interval],
        ]}
      />
      {trigger.kind === "cron" ? (
        <CronFields entry={entry} trigger={trigger} error={said("cron")} onChange={change} />
      ) : (
        <IntervalFields
          entry={entry}
          trigger={trigger}
          error={fault === "interval" ? text.recurring.intervalWrong : said("interval")}
          onChange={change}
        />
      )}
      <div className={styles["pair"]}>
        <Field
          label={`${text.recurring.start} (${zoneName(zone)})`}
          type="datetime-local"
          value={entry.start}
          onChange={(start) => change({ start })}
        />
        <Field
          label={`${text.recurring.end} (${zoneName(zone)})`}
          type="datetime-local"
          value={entry.end}
          onChange={(end) => change({ end })}
          error={fault === "end" ? text.recurring.endWrong : said("end")}
        />
      </div>
    </section>
  );
}

function zoneName(zone: "local" | "utc"): string {
  return zone === "utc" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
}
