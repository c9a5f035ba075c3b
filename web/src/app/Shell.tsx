import { Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { useIsRefused } from "~/api/token";
import { useLanguage, useText } from "~/i18n/text";
import { KeySheet } from "~/keys/KeySheet";
import { ConnectionBanner } from "~/live/ConnectionBanner";
import { useStatus } from "~/live/status";
import { useReach } from "~/live/useReach";
import { useServerChanges } from "~/live/useServerChanges";
import { Palette } from "~/palette/Palette";
import { usePreferences } from "~/preferences/preferences";
import { useTheme } from "~/preferences/theme";
import { Toasts } from "~/ui/Toasts";
import { useNarrow } from "~/ui/useNarrow";
import { BottomBar } from "./BottomBar";
import { Rail } from "./Rail";
import styles from "./Shell.module.css";
import { TokenPage } from "./TokenPage";
import { useFocusOnNavigation } from "./useFocusOnNavigation";
import { useShellKeys } from "./useShellKeys";

export type Layer = "search" | "keys" | null;

/** What surrounds every page: the places, search, keys, notices, and whether there is a connection. */
export function Shell() {
  useTheme();
  useLanguage();
  return useIsRefused() ? <TokenPage /> : <Frame />;
}

function Frame() {
  useServerChanges();
  useReach();
  const text = useText();
  const { rail } = usePreferences();
  const narrow = useNarrow();
  const lost = useStatus() === "lost";
  const [layer, setLayer] = useState<Layer>(null);
  const close = () => setLayer(null);
  useShellKeys(setLayer);
  const content = useFocusOnNavigation();
  return (
    <div className={styles["shell"]} data-rail={rail} data-narrow={narrow} data-lost={lost}>
      <button type="button" className={styles["skip"]} onClick={() => content.current?.focus()}>
        {text.nav.skip}
      </button>
      {narrow ? null : <Rail onSearch={() => setLayer("search")} onKeys={() => setLayer("keys")} />}
      <div className={styles["side"]}>
        <ConnectionBanner />
        <main id="content" ref={content} className={styles["content"]} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {narrow ? <BottomBar onSearch={() => setLayer("search")} /> : null}
      <Toasts />
      {layer === "search" ? <Palette onClose={close} onKeys={() => setLayer("keys")} /> : null}
      {layer === "keys" ? <KeySheet onClose={close} /> : null}
    </div>
  );
}
