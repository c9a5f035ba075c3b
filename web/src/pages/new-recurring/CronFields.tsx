import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { cronPreview, type Trigger } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { cronWords } from "~/schedule/words";
import { Field, FieldFrame } from "~/ui/Field";
import { Select } from "~/ui/Select";
import styles from "../new-run/NewRun.module.css";
import type { TriggerEntry } from "./entry";
import { Preview } from "./Preview";

const PAUSE = 250;
const PRESETS = ["0 0 * * * *", "0 0 6 * * *", "0 0 6 * * MON-FRI", "0 0 6 * * MON", "0 0 6 1 * *"];

interface Props {
  entry: TriggerEntry;
  trigger: Extract<Trigger, { kind: "cron" }>;
  error: string | undefined;
  onChange: (part: Partial<TriggerEntry>) => void;
}

/** Clock times as an expression, with what it means at once. */
export function CronFields({ entry, trigger, error, onChange }: Props) {
  const text = useText();
  const expression = useSettled(trigger.expression);
  const { start, end } = trigger;
  const preview = useQuery(cronPreview(expression, start !== null && start > Date.now() ? start : null));
  const wrong = preview.isError ? preview.error.message : undefined;
  const times = (preview.data?.next_times ?? []).filter((at) => end === null || Date.parse(at) <= end);
  return (
    <>
      <Field
        label={text.recurring.expression}
        value={entry.expression}
        onChange={(typed) => onChange({ expression: typed })}
        required
        error={wrong ?? error}
        hint={text.recurring.cronHint}
      />
      <fieldset className={styles["presets"]} aria-label={text.recurring.presets}>
        {PRESETS.map((preset) => (
          <button
            key={preset}
            type="button"
            className={styles["preset"]}
            aria-pressed={entry.expression === preset}
            onClick={() => onChange({ expression: preset })}
          >
            {cronWords(preset, text.schedule)}
          </button>
        ))}
      </fieldset>
      <FieldFrame label={text.recurring.zone} hint={text.recurring.zoneHint}>
        {({ id }) => (
          <Select
            id={id}
            value={entry.zone}
            onChange={(zone) => onChange({ zone })}
            choices={zoneChoices(text.recurring.serverZone, entry.zone)}
          />
        )}
      </FieldFrame>
      {preview.data && wrong === undefined ? (
        <Preview
          words={cronWords(trigger.expression, text.schedule)}
          times={{ next_times: times, time_zone: preview.data.time_zone }}
          warnings={preview.data.warnings}
        />
      ) : null}
    </>
  );
}

/** The server's, the viewer's, UTC, and then all that the browser knows. */
function zoneChoices(server: string, chosen: string): (readonly [string, string])[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const names = new Set([...(chosen ? [chosen] : []), own, "UTC", ...Intl.supportedValuesOf("timeZone")]);
  return [["", server], ...[...names].map((name) => [name, name] as const)];
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
