import type { ReactNode } from "react";
import styles from "./Card.module.css";

interface Props {
  title: string;
  /** At the end of the heading: a link, a switch. */
  aside?: ReactNode;
  /** `flush` is for a table or list that reaches the edges. */
  flush?: boolean;
  children: ReactNode;
}

/** One thing on a page of several. */
export function Card({ title, aside, flush = false, children }: Props) {
  return (
    <section className={styles["card"]}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      <div className={styles["body"]} data-flush={flush}>
        {children}
      </div>
    </section>
  );
}
