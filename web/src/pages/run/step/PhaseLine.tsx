import type { Task } from "~/api/queries/run";
import { duration } from "~/format/duration";
import { exact, instant, precise } from "~/format/time";
import { languageOf, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { useNow } from "~/ui/useNow";
import styles from "./PhaseLine.module.css";

const ENDED = new Set<Task["phase"]>(["SUCCEEDED", "FAILED", "SKIPPED", "CANCELED"]);
/** Also what took no time must be seen. */
const LEAST = 2;

/** The phases that a step went through, as wide as they were long, with how long each took. */
export function PhaseLine({ history }: { history: Task["history"] }) {
  const text = useText();
  const { zone, language } = usePreferences();
  const last = history.at(-1);
  const goesOn = last !== undefined && !ENDED.has(last.phase);
  const now = useNow(goesOn ? 1000 : 0);
  const phases = history.map(({ at, phase }, index) => {
    const from = instant(at) ?? 0;
    const to = instant(history[index + 1]?.at) ?? (goesOn ? Math.max(now, from) : from);
    return { phase, from, took: to - from, ends: ENDED.has(phase) };
  });
  const all = phases.reduce((sum, each) => sum + each.took, 0);
  return (
    <div className={styles["outer"]}>
      <div className={styles["line"]} aria-hidden>
        {phases
          .filter((each) => !each.ends)
          .map((each) => (
            <span
              key={`${each.from} ${each.phase}`}
              data-phase={each.phase}
              style={{ flexGrow: Math.max(LEAST, (each.took / Math.max(1, all)) * 100) }}
            />
          ))}
      </div>
      <ol className={styles["phases"]}>
        {phases.map((each) => (
          <li key={`${each.from} ${each.phase}`}>
            <span className={styles["mark"]} data-phase={each.phase} aria-hidden />
            <span>{text.run.phases[each.phase]}</span>
            <time dateTime={new Date(each.from).toISOString()} title={exact(each.from, zone, languageOf(language))}>
              {precise(each.from, zone, languageOf(language))}
            </time>
            <span className={styles["took"]}>{each.ends ? "" : duration(each.took)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
