import { type ReactNode, useEffect, useRef } from "react";
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
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Pinnace`;
  }, [title]);
  useEffect(() => {
    // The shell has moved the focus here when the page was gone to; its heading says where one is.
    if (document.activeElement?.id === "content") heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={styles["page"]} data-width={width}>
      <header className={styles["head"]}>
        {lead}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside ? <div className={styles["aside"]}>{aside}</div> : null}
        {actions ? <div className={styles["actions"]}>{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}
