import { type ReactNode, useId } from "react";
import styles from "./Field.module.css";

interface FrameProps {
  label: string;
  /** What is wrong with the value, next to it. */
  error?: string | undefined;
  hint?: ReactNode;
  children: (ids: { id: string; describedBy: string | undefined }) => ReactNode;
}

/** A label over a control, with a hint and an error that screen readers connect with it. */
export function FieldFrame({ label, error, hint, children }: FrameProps) {
  const id = useId();
  const note = error || hint ? `${id}-note` : undefined;
  return (
    <div className={styles["field"]} data-wrong={Boolean(error)}>
      <label htmlFor={id}>{label}</label>
      {children({ id, describedBy: note })}
      {note ? (
        <p id={note} className={error ? styles["error"] : styles["hint"]} role={error ? "alert" : undefined}>
          {error || hint}
        </p>
      ) : null}
    </div>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  required?: boolean;
  error?: string | undefined;
  hint?: ReactNode;
  /** More than one line, in the code font. */
  lines?: number;
  placeholder?: string;
  type?: "text" | "number" | "datetime-local";
  /** The least and the most of a number. */
  min?: number;
  max?: number;
}

/** Text under a label. */
export function Field(props: FieldProps) {
  const { label, value, onChange, required = false, error, hint, lines, placeholder } = props;
  return (
    <FieldFrame label={label} error={error} hint={hint}>
      {({ id, describedBy }) =>
        lines === undefined ? (
          <input
            id={id}
            type={props.type ?? "text"}
            min={props.min}
            max={props.max}
            className={styles["control"]}
            value={value}
            required={required}
            placeholder={placeholder}
            aria-invalid={Boolean(error)}
            aria-describedby={describedBy}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <textarea
            id={id}
            className={styles["control"]}
            rows={lines}
            value={value}
            required={required}
            placeholder={placeholder}
            spellCheck={false}
            aria-invalid={Boolean(error)}
            aria-describedby={describedBy}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </FieldFrame>
  );
}
