import type { Trigger } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { everyWords } from "~/schedule/words";
import { Field, FieldFrame } from "~/ui/Field";
import { Select } from "~/ui/Select";
import { useNow } from "~/ui/useNow";
import styles from "../new-run/NewRun.module.css";
import { intervalTimes, type TriggerEntry, UNITS, type Unit } from "./entry";
import { Preview } from "./Preview";

interface Props {
  entry: TriggerEntry;
  trigger: Extract<Trigger, { kind: "interval" }>;
  error: string | undefined;
  onChange: (part: Partial<TriggerEntry>) => void;
}

/** How often, with the next times as if it was made now. */
export function IntervalFields({ entry, trigger, error, onChange }: Props) {
  const text = useText();
  const now = useNow(10_000);
  const { seconds, start, end } = trigger;
  const times = seconds >= 1 ? intervalTimes(seconds, start, end, now) : [];
  return (
    <>
      <div className={styles["pair"]}>
        <Field
          label={text.recurring.every}
          type="number"
          min={1}
          value={entry.count}
          onChange={(count) => onChange({ count })}
          required
          error={error}
        />
        <FieldFrame label="&nbsp;">
          {() => (
            <Select
              label={text.recurring.interval}
              value={entry.unit}
              onChange={(unit) => onChange({ unit: unitOf(unit) })}
              choices={Object.entries(text.recurring.units)}
            />
          )}
        </FieldFrame>
      </div>
      {error === undefined ? (
        <Preview
          words={everyWords(seconds, text.schedule)}
          times={{
            next_times: times.map((at) => new Date(at).toISOString()),
            time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
          }}
          warnings={[]}
        />
      ) : null}
    </>
  );
}

function unitOf(value: string): Unit {
  return value in UNITS ? (value as Unit) : "hour";
}
