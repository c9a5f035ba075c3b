import { duration } from "~/format/duration";
import { exact, zoneName } from "~/format/time";
import { languageOf } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { useNarrow } from "~/ui/useNarrow";
import type { Span } from "../steps";
import styles from "./Timeline.module.css";
import { type Tick, ticksOf } from "./window";

const MOST = 9;
const FEW = 2;
/** Behind this share of the width there is no room for words. */
const LAST = 0.93;

/** Time since the beginning; the clock on hover, and once with its zone at the start. */
export function Axis({ span, origin }: { span: Span; origin: number }) {
  const { zone, language } = usePreferences();
  const locale = languageOf(language);
  const narrow = useNarrow();
  const hasRoom = ({ at }: Tick) => (at - span.from) / (span.to - span.from) < LAST;
  return (
    <div className={styles["axis"]}>
      {ticksOf(span, origin, narrow ? FEW : MOST)
        .filter(hasRoom)
        .map(({ at, since }) => (
          <time
            key={since}
            className={styles["tick"]}
            dateTime={new Date(at).toISOString()}
            title={exact(at, zone, locale)}
            style={{ left: `${((at - span.from) / (span.to - span.from)) * 100}%` }}
          >
            {since === 0 ? `${clock(at, zone, locale)} ${zoneName(at, zone, locale)}` : `+${duration(since)}`}
          </time>
        ))}
    </div>
  );
}

function clock(at: number, zone: "local" | "utc", locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
    ...(zone === "utc" ? { timeZone: "UTC" } : {}),
  }).format(at);
}
