import { useEffect } from "react";
import { usePreferences } from "./preferences";

/** Puts the chosen theme on the root element, from which every colour follows. */
export function useTheme(): void {
  const { theme } = usePreferences();
  useEffect(() => {
    if (theme === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
}
