import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import styles from "./Segments.module.css";

interface Props<T extends string> {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onChoose: (value: T) => void;
}

/** A few choices side by side, of which one holds. */
export function Segments<T extends string>({ label, value, choices, onChoose }: Props<T>) {
  return (
    <ToggleGroup
      className={styles["segments"]}
      aria-label={label}
      value={[value]}
      onValueChange={([chosen]) => {
        const known = choices.find(([key]) => key === chosen);
        if (known) onChoose(known[0]);
      }}
    >
      {choices.map(([key, name]) => (
        <Toggle key={key} value={key} className={styles["segment"]}>
          {name}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
