import { useText } from "~/i18n/text";
import { Icon, type IconName } from "~/ui/Icon";
import styles from "./StateMark.module.css";
import { type StateName, TONES } from "./states";

/** Shapes differ, not only colours. */
const SHAPES: Record<StateName, IconName | null> = {
  PENDING: "clock",
  RUNNING: null,
  SUCCEEDED: "check",
  SKIPPED: "dash",
  FAILED: "cross",
  CANCELING: "stop",
  CANCELED: "stop",
  PAUSED: "pause",
  CACHED: "bolt",
  UNKNOWN: "dash",
};

interface Props {
  state: StateName;
  /** Show the word too. */
  word?: boolean;
  /** `large` is the badge in the header of a page. */
  size?: "small" | "large";
}

/** A state as a coloured shape, with its word for everyone or for screen readers only. */
export function StateMark({ state, word = false, size = "small" }: Props) {
  const name = useText().states[state];
  const shape = SHAPES[state];
  return (
    <span
      className={styles["mark"]}
      data-tone={TONES[state]}
      data-state={state}
      data-size={size}
      data-word={word}
      title={word ? undefined : name}
    >
      <span className={styles["shape"]} aria-hidden>
        {shape ? (
          <Icon name={shape} size={size === "large" ? 14 : 11} filled={shape === "bolt" || shape === "stop"} />
        ) : (
          <span className={styles["ring"]} />
        )}
      </span>
      <span className={word ? styles["word"] : "visually-hidden"}>{name}</span>
    </span>
  );
}
