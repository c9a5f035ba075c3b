import { instant } from "~/format/time";
import { languageOf, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { Moment } from "~/ui/Moment";
import styles from "./NextTimes.module.css";
import { placeOf } from "./words";

interface Props {
  times: { next_times: readonly string[]; time_zone: string };
}

/** Times to come: in the viewer's zone, in the schedule's where that is another, and how long until then. */
export function NextTimes({ times }: Props) {
  const text = useText();
  const { zone, language } = usePreferences();
  const own = zone === "utc" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
  const other = times.time_zone !== own;
  const moments = times.next_times.map(instant).filter((at) => at !== null);
  const seconds = moments.some((at) => at % 60_000 !== 0);
  const locale = languageOf(language);
  return (
    <table className={styles["times"]} data-zones={other ? 2 : 1}>
      <thead>
        <tr>
          <th scope="col">{text.recurring.yourZone}</th>
          {other ? <th scope="col">{placeOf(times.time_zone)}</th> : null}
          <th scope="col">
            <span className="visually-hidden">{text.recurring.next}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {moments.map((at) => (
          <tr key={at}>
            <td>{inZone(at, own, locale, seconds)}</td>
            {other ? <td>{inZone(at, times.time_zone, locale, seconds)}</td> : null}
            <td>
              <Moment at={at} as="ago" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inZone(at: number, timeZone: string, language: string, withSeconds: boolean): string {
  const seconds: Intl.DateTimeFormatOptions = withSeconds ? { second: "2-digit" } : {};
  return new Intl.DateTimeFormat(language, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
    ...seconds,
  }).format(at);
}
