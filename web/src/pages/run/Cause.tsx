import type { Task } from "~/api/queries/run";
import { Icon } from "~/ui/Icon";
import styles from "./Cause.module.css";

/** Why something failed, in words. */
export function Cause({ failure }: { failure: NonNullable<Task["failure"]> }) {
  return (
    <div className={styles["cause"]} role="alert">
      <Icon name="warning" />
      <p>{failure.message}</p>
    </div>
  );
}
