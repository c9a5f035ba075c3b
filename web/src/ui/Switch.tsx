import { Switch as Base } from "@base-ui/react/switch";
import styles from "./Switch.module.css";

interface Props {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}

/** Something that is on or off, and changes at once. */
export function Switch({ label, on, onChange, disabled = false }: Props) {
  return (
    <Base.Root
      className={styles["switch"]}
      aria-label={label}
      checked={on}
      disabled={disabled}
      onCheckedChange={(checked) => onChange(checked)}
    >
      <Base.Thumb className={styles["thumb"]} />
    </Base.Root>
  );
}
