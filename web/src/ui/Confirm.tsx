import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { ReactElement, ReactNode } from "react";
import { useText } from "~/i18n/text";
import { Button } from "./Button";
import styles from "./Confirm.module.css";

interface Props {
  trigger: ReactElement;
  title: string;
  /** The word on the button that does it. */
  action: string;
  onConfirm: () => void;
  children: ReactNode;
}

/** Asks before something that cannot be undone. */
export function Confirm({ trigger, title, action, onConfirm, children }: Props) {
  const text = useText();
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger render={trigger} />
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles["backdrop"]} />
        <AlertDialog.Popup className={styles["popup"]}>
          <AlertDialog.Title className={styles["title"]}>{title}</AlertDialog.Title>
          <AlertDialog.Description className={styles["words"]}>{children}</AlertDialog.Description>
          <div className={styles["buttons"]}>
            <AlertDialog.Close render={<Button>{text.common.cancel}</Button>} />
            <AlertDialog.Close render={<Button look="danger">{action}</Button>} onClick={onConfirm} />
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
