import { useText } from "~/i18n/text";
import { NextTimes } from "~/schedule/NextTimes";
import { Notice } from "~/ui/Notice";
import styles from "../new-run/NewRun.module.css";

interface Props {
  /** The schedule in words. */
  words: string;
  times: { next_times: readonly string[]; time_zone: string };
  warnings: readonly string[];
}

/** What a schedule means. */
export function Preview({ words, times, warnings }: Props) {
  const text = useText();
  return (
    <>
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <div className={styles["preview"]} role="region" aria-label={text.recurring.preview} aria-live="polite">
        <p className={styles["meaning"]}>{words}</p>
        {times.next_times.length > 0 ? <NextTimes times={times} /> : <p>{text.recurring.previewNone}</p>}
      </div>
    </>
  );
}
