import { useState } from "react";
import { useText } from "~/i18n/text";
import { Button } from "./Button";
import styles from "./Code.module.css";

/** Lines to copy. */
export function Code({ children }: { children: string }) {
  const text = useText();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(children);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className={styles["code"]}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keyboard too */}
      <pre tabIndex={0}>
        <code>{children}</code>
      </pre>
      <Button
        look="plain"
        icon={copied ? "check" : "copy"}
        aria-label={copied ? text.common.copied : text.common.copy}
        onClick={copy}
      />
    </div>
  );
}
