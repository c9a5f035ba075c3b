import { useText } from "~/i18n/text";
import styles from "./LiveDot.module.css";
import { useStatus } from "./status";

/** Whether what is shown follows the server. */
export function LiveDot() {
  const text = useText().live;
  const status = useStatus();
  if (status === "starting") return null;
  const live = status === "live";
  return (
    <span className={styles["dot"]} data-status={status} role="status" title={live ? text.liveHint : text.lostHint}>
      {live ? text.live : text.lost}
    </span>
  );
}
