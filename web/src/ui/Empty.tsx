import type { ReactNode } from "react";
import styles from "./Empty.module.css";
import { Icon, type IconName } from "./Icon";

interface Props {
  icon: IconName;
  title: string;
  /** What would be here, and how it gets here. */
  children?: ReactNode;
  tone?: "calm" | "bad";
}

/** Stands where nothing is, and says what to do about it. */
export function Empty({ icon, title, children, tone = "calm" }: Props) {
  return (
    <div className={styles["empty"]} data-tone={tone} role={tone === "bad" ? "alert" : undefined}>
      <span className={styles["icon"]}>
        <Icon name={icon} size={22} />
      </span>
      <h2>{title}</h2>
      {children ? <div className={styles["hint"]}>{children}</div> : null}
    </div>
  );
}
