import { exact, relative, short } from "~/format/time";
import { languageOf } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { useNow } from "./useNow";

interface Props {
  /** Milliseconds since the epoch; null shows a dash. */
  at: number | null;
  /** `ago` says how long ago. */
  as?: "clock" | "ago";
}

/** An instant in the viewer's zone, with the exact one on hover. */
export function Moment({ at, as = "clock" }: Props) {
  const { zone, language } = usePreferences();
  const now = useNow(as === "ago" ? 10_000 : 60_000);
  if (at === null) return <span aria-hidden>–</span>;
  const locale = languageOf(language);
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at, zone, locale)}>
      {as === "ago" ? relative(at, now, locale) : short(at, now, zone, locale)}
    </time>
  );
}
