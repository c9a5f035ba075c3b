import { useText } from "~/i18n/text";
import styles from "./KeyCaps.module.css";

const NAMES: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "↵",
  Escape: "Esc",
  " ": "␣",
};

function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}

/** A key, several at once (`mod+k`), or one after the other (`g r`), as they stand on a keyboard. */
export function KeyCaps({ keys }: { keys: string }) {
  const text = useText();
  const presses = keys === " " ? [keys] : keys.split(" ");
  return (
    <span className={styles["keys"]}>
      {presses.map((press, at) => (
        <span key={press} className={styles["press"]}>
          {at > 0 ? <small>{text.keys.followedBy}</small> : null}
          {capsOf(press).map((cap) => (
            <kbd key={cap}>{cap}</kbd>
          ))}
        </span>
      ))}
    </span>
  );
}

function capsOf(press: string): string[] {
  if (press === "+") return [press];
  return press.split("+").map((cap) => (cap === "mod" ? (isApple() ? "⌘" : "Ctrl") : named(cap, press)));
}

function named(cap: string, press: string): string {
  return NAMES[cap] ?? (press.includes("+") ? cap.toUpperCase() : cap);
}
