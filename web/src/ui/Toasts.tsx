import { Toast } from "@base-ui/react/toast";
import { useText } from "~/i18n/text";
import { Button } from "./Button";
import { Icon } from "./Icon";
import styles from "./Toasts.module.css";
import { toasts } from "./toasts";

/** The notices, in a corner. F6 moves the focus to them. */
export function Toasts() {
  const text = useText();
  return (
    <Toast.Provider toastManager={toasts} limit={4}>
      <Toast.Portal>
        <Toast.Viewport className={styles["viewport"]} aria-label={text.done.region}>
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  const text = useText();
  const { toasts: shown } = Toast.useToastManager();
  return shown.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={styles["toast"]} swipeDirection={["right", "down"]}>
      <Toast.Content className={styles["content"]}>
        <span className={styles["icon"]} data-type={toast.type}>
          <Icon name={toast.type === "failed" ? "warning" : "check"} size={15} />
        </span>
        <div className={styles["words"]}>
          <Toast.Title className={styles["title"]} render={<p />} />
          <Toast.Description className={styles["detail"]} />
        </div>
        {toast.actionProps ? <Toast.Action render={<Button />} /> : null}
        <Toast.Close render={<Button look="plain" icon="cross" />} aria-label={text.common.close} />
      </Toast.Content>
    </Toast.Root>
  ));
}
