import type { Schemas } from "~/api/client";
import { useText } from "~/i18n/text";
import { NextTimes } from "~/schedule/NextTimes";
import { Card } from "~/ui/Card";
import styles from "./RecurringRunPage.module.css";

/** The next times, in the viewer's zone and in the schedule's. */
export function NextCard({ times }: { times: Schemas["ScheduleView"] }) {
  const text = useText();
  const none = times.enabled ? text.recurring.noNext : text.recurring.disabledHint;
  return (
    <Card title={text.recurring.next} flush>
      {times.next_times.length > 0 ? <NextTimes times={times} /> : <p className={styles["none"]}>{none}</p>}
    </Card>
  );
}
