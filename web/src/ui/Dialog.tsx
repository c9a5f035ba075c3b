import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import { useText } from "~/i18n/text";
import { Button } from "./Button";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A window over the page; Escape and a click beside it close it. */
export function Dialog({ title, onClose, children }: Props) {
  const text = useText();
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles["backdrop"]} />
        <Base.Popup className={styles["popup"]}>
          <header className={styles["head"]}>
            <Base.Title className={styles["title"]}>{title}</Base.Title>
            <Base.Close render={<Button look="plain" icon="cross" aria-label={text.common.close} />} />
          </header>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

Dialog.Buttons = function Buttons({ children }: { children: ReactNode }) {
  return <div className={styles["buttons"]}>{children}</div>;
};
