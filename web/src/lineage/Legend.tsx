import { useText } from "~/i18n/text";
import styles from "./LineageView.module.css";

/** What the lines mean. */
export function Legend() {
  const text = useText();
  return (
    <span className={styles["legend"]}>
      <Line words={`${text.lineage.made}, ${text.lineage.used}`} />
      <Line words={text.lineage.reused} reused />
    </span>
  );
}

function Line({ words, reused = false }: { words: string; reused?: boolean }) {
  return (
    <span className={styles["entry"]}>
      <svg width={26} height={8} aria-hidden className={styles["sample"]} data-reused={reused}>
        <path d="M0 4H26" />
      </svg>
      {words}
    </span>
  );
}
