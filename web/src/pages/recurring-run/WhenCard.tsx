import type { ReactNode } from "react";
import type { Recurring } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { triggerWords } from "~/schedule/words";
import { Card } from "~/ui/Card";
import { Facts } from "~/ui/Facts";
import { Moment } from "~/ui/Moment";
import styles from "./RecurringRunPage.module.css";

/** When it fires, and what happens with the times that it cannot meet. */
export function WhenCard({ recurring }: { recurring: Recurring }) {
  const text = useText();
  const { trigger } = recurring;
  const rows: (readonly [string, ReactNode])[] = [
    [text.recurring.start, trigger?.start ? <Moment key="start" at={trigger.start} /> : text.recurring.noStart],
    [text.recurring.end, trigger?.end ? <Moment key="end" at={trigger.end} /> : text.recurring.noEnd],
    [text.recurring.catchUp, recurring.catchUp ? text.recurring.catchUpOn : text.recurring.catchUpOff],
    [text.recurring.concurrency, recurring.maxConcurrency],
  ];
  if (trigger?.kind === "cron") rows.unshift([text.recurring.expression, <code key="cron">{trigger.expression}</code>]);
  return (
    <Card title={text.recurring.when}>
      <p className={styles["words"]}>{triggerWords(trigger, text.schedule)}</p>
      <Facts rows={rows} />
    </Card>
  );
}
