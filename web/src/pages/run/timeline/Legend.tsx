import { useText } from "~/i18n/text";
import styles from "./Timeline.module.css";

const PARTS = ["queued", "ran", "failed"] as const;

/** What the bars mean. */
export function Legend() {
  const text = useText();
  return (
    <ul className={styles["legend"]}>
      {PARTS.map((what) => (
        <li key={what}>
          <span className={styles["sample"]} data-what={what} aria-hidden />
          {text.timeline.bars[what]}
        </li>
      ))}
      <li>
        <span className={styles["sample"]} data-what="critical" aria-hidden />
        {text.run.critical}
      </li>
    </ul>
  );
}
