import { useText } from "~/i18n/text";
import styles from "./LiveDot.module.css";
import { useStatus } from "./status";

/** Whether what is shown follows the server; *brief* leaves the word to screen readers. */
export function LiveDot({ brief = false }: { brief?: boolean }) {
  const text = useText().live;
  const status = useStatus();
  if (status === "starting") return null;
  const [word, hint] = {
    live: [text.live, text.liveHint] as const,
    polling: [text.polling, text.pollingHint] as const,
    lost: [text.lost, text.lostHint] as const,
  }[status];
  return (
    <span className={styles["dot"]} data-status={status} title={hint}>
      <span className={brief ? "visually-hidden" : undefined}>{word}</span>
    </span>
  );
}
