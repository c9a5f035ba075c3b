import styles from "./Faults.module.css";

/** What the server says against something, each fault on its own line. */
export function Faults({ message }: { message: string }) {
  return (
    <pre className={styles["faults"]} role="alert">
      {message}
    </pre>
  );
}
