import { useText } from "~/i18n/text";
import { Icon } from "~/ui/Icon";
import styles from "./PreviewView.module.css";

interface Props {
  path: string;
  onPath: (path: string) => void;
}

/** Where in a directory the reader is, with the way back up. Nothing at its top. */
export function PathBar({ path, onPath }: Props) {
  const text = useText();
  if (path === "") return null;
  const parts = path.split("/");
  return (
    <nav className={styles["path"]} aria-label={text.preview.where}>
      <button type="button" onClick={() => onPath("")} aria-label={text.preview.top}>
        <Icon name="folder" size={14} />
      </button>
      {parts.map((part, index) => {
        const here = parts.slice(0, index + 1).join("/");
        return (
          <span key={here}>
            <span aria-hidden>/</span>
            {index === parts.length - 1 ? (
              <span aria-current="location">{part}</span>
            ) : (
              <button type="button" onClick={() => onPath(here)}>
                {part}
              </button>
            )}
          </span>
        );
      })}
    </nav>
  );
}
