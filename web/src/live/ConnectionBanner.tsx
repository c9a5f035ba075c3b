import { exact } from "~/format/time";
import { languageOf, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { Icon } from "~/ui/Icon";
import styles from "./ConnectionBanner.module.css";
import { lastHeard, useStatus } from "./status";

/** Says that the server does not answer, and of when what is shown is. */
export function ConnectionBanner() {
  const text = useText();
  const { zone, language } = usePreferences();
  const lost = useStatus() === "lost";
  return (
    <div role="status">
      {lost ? (
        <p className={styles["banner"]}>
          <Icon name="warning" size={15} />
          <strong>{text.live.lost}</strong>
          <span>
            {text.errors.unreachable}. {text.live.lostSince(exact(lastHeard(), zone, languageOf(language)))}
          </span>
        </p>
      ) : null}
    </div>
  );
}
