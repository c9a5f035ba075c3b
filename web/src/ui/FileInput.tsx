import { useRef } from "react";
import { bytes } from "~/format/bytes";
import { useText } from "~/i18n/text";
import { Button } from "./Button";
import { FieldFrame } from "./Field";
import styles from "./FileInput.module.css";

interface Props {
  label: string;
  accept: string;
  file: File | null;
  onChange: (file: File | null) => void;
}

/** A file of the viewer's machine. */
export function FileInput({ label, accept, file, onChange }: Props) {
  const text = useText();
  const input = useRef<HTMLInputElement>(null);
  return (
    <FieldFrame label={label}>
      {({ id }) => (
        <div className={styles["row"]}>
          <input
            ref={input}
            id={id}
            type="file"
            accept={accept}
            className="visually-hidden"
            onChange={(event) => onChange(event.target.files?.[0] ?? null)}
          />
          <Button icon="file" onClick={() => input.current?.click()}>
            {text.common.choose}
          </Button>
          {file ? <span>{`${file.name} (${bytes(file.size)})`}</span> : null}
        </div>
      )}
    </FieldFrame>
  );
}
