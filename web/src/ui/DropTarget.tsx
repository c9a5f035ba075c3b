import { type ReactNode, useState } from "react";
import styles from "./DropTarget.module.css";

interface Props {
  /** What happens with a file that is dropped. */
  hint: string;
  onDrop: (file: File) => void;
  children: ReactNode;
}

/** Takes a file that is dragged onto what is inside. The same must be possible by a button. */
export function DropTarget({ hint, onDrop, children }: Props) {
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is for the mouse; a button does the same
    <div
      className={styles["target"]}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file) onDrop(file);
      }}
    >
      {children}
      {over ? <div className={styles["hint"]}>{hint}</div> : null}
    </div>
  );
}
