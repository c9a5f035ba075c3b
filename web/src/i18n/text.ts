import { useEffect } from "react";
import { preferences, usePreferences } from "~/preferences/preferences";
import { en, type Messages } from "./en";
import { ko } from "./ko";

export type { Messages };
export type Language = "en" | "ko";

export function languageOf(choice: "system" | Language): Language {
  if (choice !== "system") return choice;
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

/** The texts of the chosen language. */
export function useText(): Messages {
  return languageOf(usePreferences().language) === "ko" ? ko : en;
}

/** Tells the browser and screen readers the language of the page. */
export function useLanguage(): void {
  const language = languageOf(usePreferences().language);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
}

/** The same outside of components. */
export function text(): Messages {
  return languageOf(preferences().language) === "ko" ? ko : en;
}
