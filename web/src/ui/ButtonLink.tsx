import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes } from "react";
import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon";

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  icon?: IconName;
  look?: "normal" | "primary";
}

function Anchor({ icon, look = "normal", children, ...rest }: Props) {
  return (
    <a {...rest} className={styles["button"]} data-look={look}>
      {icon ? <Icon name={icon} size={14} /> : null}
      {children}
    </a>
  );
}

/** A link to another page that looks like a button. */
export const ButtonLink = createLink(Anchor);
