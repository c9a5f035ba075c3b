import type { ReactNode } from "react";
import styles from "./Toolbar.module.css";

/** Controls over a list. */
export function Toolbar({ children }: { children: ReactNode }) {
  return <div className={styles["bar"]}>{children}</div>;
}
