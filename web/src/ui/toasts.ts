import { Toast } from "@base-ui/react/toast";
import { text } from "~/i18n/text";

/** The notices that are shown for a while. They can be given from anywhere. */
export const toasts = Toast.createToastManager();

const WITH_UNDO = 10_000;

/** Say what was done; *undo* takes it back as long as the notice stands there. */
export function sayDone(title: string, undo?: () => Promise<unknown>): void {
  if (undo === undefined) {
    toasts.add({ title, type: "done" });
    return;
  }
  const back = async () => {
    toasts.close(id);
    try {
      await undo();
      sayDone(text().done.undone);
    } catch (error) {
      sayFailed(error);
    }
  };
  const id = toasts.add({
    title,
    type: "done",
    timeout: WITH_UNDO,
    actionProps: { children: text().done.undo, onClick: back },
  });
}

/** Say that something did not work, in the server's words. They stay until they are put away. */
export function sayFailed(error: unknown): void {
  toasts.add({
    title: text().done.failed,
    description: error instanceof Error ? error.message : String(error),
    type: "failed",
    timeout: 0,
    priority: "high",
  });
}
