import type { ReactNode } from "react";
import { Icon } from "./Icon";
import styles from "./Notice.module.css";

interface Props {
  tone: "warn" | "bad";
  children: ReactNode;
}

/** Something about the page that should not be missed. */
export function Notice({ tone, children }: Props) {
  return (
    <div className={styles["notice"]} data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={tone === "bad" ? "warning" : "info"} />
      <div className={styles["words"]}>{children}</div>
    </div>
  );
}
