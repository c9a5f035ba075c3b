import { useText } from "~/i18n/text";
import { Page } from "~/ui/Page";
import { EnvironmentsCard } from "./EnvironmentsCard";
import { PreferencesCard } from "./PreferencesCard";
import { ServerCard } from "./ServerCard";
import styles from "./SettingsPage.module.css";
import { StorageCard } from "./StorageCard";

/** The server, what it keeps, and what this browser prefers. */
export function SettingsPage() {
  const text = useText();
  return (
    <Page title={text.nav.settings}>
      <div className={styles["cards"]}>
        <div className={styles["column"]}>
          <StorageCard />
          <EnvironmentsCard />
        </div>
        <div className={styles["column"]}>
          <ServerCard />
          <PreferencesCard />
        </div>
      </div>
    </Page>
  );
}
