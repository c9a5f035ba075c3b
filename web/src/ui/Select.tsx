import styles from "./Field.module.css";

interface Props {
  id?: string;
  /** Its name, where no label stands beside it. */
  label?: string;
  value: string;
  choices: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

/** One of a few: the browser's own control, which every device knows how to show. */
export function Select({ id, label, value, choices, onChange }: Props) {
  return (
    <select
      id={id}
      aria-label={label}
      className={styles["control"]}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {choices.map(([key, name]) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </select>
  );
}
