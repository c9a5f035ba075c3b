import { contentAddress, type Preview } from "~/api/queries/artifacts";
import { useText } from "~/i18n/text";
import styles from "./PreviewView.module.css";

const FOREIGN = /<(?:script|link)\b[^>]*\b(?:src|href)\s*=\s*["']?\s*(?:https?:)?\/\//i;

/**
 * A report that anybody may have written, with its own scripts running. Neither the frame nor what the server sends
 * with it gives it an origin: it can reach neither this page nor any server.
 */
export function HtmlView({ preview }: { preview: Preview }) {
  const text = useText();
  return (
    <>
      <iframe
        className={styles["report"]}
        title={preview.name}
        src={contentAddress(preview.artifact_id, preview.path, true)}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
      />
      {FOREIGN.test(preview.text ?? "") ? <p className={styles["note"]}>{text.preview.foreign}</p> : null}
    </>
  );
}
