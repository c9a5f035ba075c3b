import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: IconName;
  /** `plain` has no border, `danger` is for what cannot be undone. */
  look?: "normal" | "primary" | "plain" | "danger";
  children?: ReactNode;
}

/** A button. Without children, `aria-label` is its name. */
export function Button({ icon, look = "normal", children, type = "button", ...rest }: Props) {
  return (
    <button {...rest} type={type} className={styles["button"]} data-look={look} data-square={children === undefined}>
      {icon ? <Icon name={icon} size={14} /> : null}
      {children}
    </button>
  );
}
