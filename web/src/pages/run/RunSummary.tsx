import type { RunHeader } from "~/api/queries/run";
import { useText } from "~/i18n/text";
import { Facts } from "~/ui/Facts";
import { Moment } from "~/ui/Moment";
import styles from "./StepPanel.module.css";
import { ValueList } from "./ValueList";

/** What is known of the run as a whole; shown while no step is chosen. */
export function RunSummary({ run }: { run: RunHeader }) {
  const text = useText();
  return (
    <div className={styles["words"]}>
      <p className={styles["aside"]}>{text.run.noneSelected}</p>
      <ValueList title={text.run.parameters} values={{ parameters: run.parameters, artifacts: {} }} />
      <Facts
        rows={[
          [text.run.id, <code key="id">{run.id}</code>],
          [text.common.description, run.description || "–"],
          [text.common.created, <Moment key="created" at={run.createdAt} />],
          [text.common.ended, <Moment key="ended" at={run.finishedAt} />],
        ]}
      />
    </div>
  );
}
