import { useText } from "~/i18n/text";
import { type StateName, TONES } from "~/states/states";
import styles from "./Card.module.css";
import type { Counts } from "./model";

/** How many iterations are in which state, as a bar; nothing for fewer than two. */
export function IterationBar({ counts }: { counts: Counts }) {
  const text = useText();
  const parts = Object.entries(counts) as [StateName, number][];
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  if (all < 2) return null;
  const words = parts.map(([state, count]) => `${count} ${text.states[state]}`).join(", ");
  return (
    <span className={styles["iterations"]} title={words} role="img" aria-label={words}>
      {parts.map(([state, count]) => (
        <span key={state} data-tone={TONES[state]} style={{ flexGrow: count }} />
      ))}
    </span>
  );
}
