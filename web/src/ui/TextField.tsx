import { Icon, type IconName } from "./Icon";
import styles from "./TextField.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  icon?: IconName;
}

/** One line of text; the label is its placeholder and its name. */
export function TextField({ label, value, onChange, icon }: Props) {
  return (
    <span className={styles["field"]}>
      {icon ? <Icon name={icon} size={14} /> : null}
      <input
        type="text"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  );
}
