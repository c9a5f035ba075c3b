import type { Preview } from "~/api/queries/artifacts";
import { bytes } from "~/format/bytes";
import { useText } from "~/i18n/text";
import { Icon } from "~/ui/Icon";
import styles from "./DirectoryView.module.css";

interface Props {
  preview: Preview;
  onPath: (path: string) => void;
}

/** What is in a directory; files and directories open in its place. */
export function DirectoryView({ preview, onPath }: Props) {
  const text = useText();
  const entries = preview.entries ?? [];
  if (entries.length === 0) return <p className={styles["note"]}>{text.preview.emptyDirectory}</p>;
  return (
    <>
      <ul className={styles["entries"]}>
        {entries.map((entry) => (
          <li key={entry.name}>
            {entry.kind === "link" ? (
              <span className={styles["entry"]} title={text.preview.link}>
                <Icon name="external" size={14} />
                <span className={styles["name"]}>{entry.name}</span>
                <span className={styles["size"]}>{text.preview.link}</span>
              </span>
            ) : (
              <button
                type="button"
                className={styles["entry"]}
                onClick={() => onPath(preview.path ? `${preview.path}/${entry.name}` : entry.name)}
              >
                <Icon name={entry.kind === "directory" ? "folder" : "file"} size={14} />
                <span className={styles["name"]}>{entry.name}</span>
                <span className={styles["size"]}>{entry.size === null ? "" : bytes(entry.size)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {preview.truncated ? <p className={styles["note"]}>{text.preview.moreEntries(entries.length)}</p> : null}
    </>
  );
}
