import { type ReactNode, useEffect } from "react";
import styles from "./Page.module.css";

interface Props {
  title: string;
  /** What stands before the title: a state, a way back. */
  lead?: ReactNode;
  /** Beside the title, small. */
  aside?: ReactNode;
  actions?: ReactNode;
  /** `full` leaves no margin around the content; `fill` is as high as the window, for one thing that scrolls. */
  width?: "normal" | "full" | "fill";
  children: ReactNode;
}

/** A page with its heading; the title is also the tab's. */
export function Page({ title, lead, aside, actions, width = "normal", children }: Props) {
  useEffect(() => {
    document.title = `${title} · Pinnace`;
  }, [title]);
  return (
    <div className={styles["page"]} data-width={width}>
      <header className={styles["head"]}>
        {lead}
        <h1>{title}</h1>
        {aside ? <div className={styles["aside"]}>{aside}</div> : null}
        {actions ? <div className={styles["actions"]}>{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}
