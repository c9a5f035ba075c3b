import { Link } from "@tanstack/react-router";
import type { ArtifactUse, ArtifactView } from "~/api/queries/artifacts";
import { taskState } from "~/api/queries/run";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Moment } from "~/ui/Moment";
import styles from "./ArtifactPage.module.css";

/** Steps that had to do with an artifact, the newest first. */
export function UseList({ uses }: { uses: ArtifactView["used_by"] }) {
  const text = useText();
  return (
    <>
      <ul className={styles["uses"]}>
        {uses.items.map((use) => (
          <UseRow key={`${use.task.task_id} ${use.key} ${use.index}`} use={use} />
        ))}
      </ul>
      {uses.truncated ? <p className={styles["hint"]}>{text.artifacts.moreUses(uses.items.length)}</p> : null}
    </>
  );
}

/** A step with the name by which it knew the artifact, and its run. */
export function UseRow({ use: { task, key } }: { use: ArtifactUse }) {
  const text = useText();
  return (
    <li className={styles["use"]}>
      <StateMark state={taskState(task)} />
      <span className={styles["name"]}>
        <Link to="/runs/$runId" params={{ runId: task.run_id }} search={{ task: task.node }} title={task.node}>
          {task.display_name}
        </Link>
      </span>
      <span className={styles["when"]}>
        <Moment at={instant(task.created_at)} />
      </span>
      <span className={styles["run"]}>
        <Link to="/runs/$runId" params={{ runId: task.run_id }}>
          {task.run_name}
        </Link>
      </span>
      <span className={styles["when"]}>{text.artifacts.asOutput(key)}</span>
    </li>
  );
}
