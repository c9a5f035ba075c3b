import styles from "./Tags.module.css";

/** Names with values that people have given. */
export function Tags({ tags }: { tags: Readonly<Record<string, string>> }) {
  return (
    <span className={styles["tags"]}>
      {Object.entries(tags).map(([key, value]) => (
        <span key={key} className={styles["tag"]}>
          {value ? `${key}: ${value}` : key}
        </span>
      ))}
    </span>
  );
}
