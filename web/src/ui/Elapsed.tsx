import { duration } from "~/format/duration";
import { useNow } from "./useNow";

interface Props {
  from: number | null;
  /** Null while it goes on: then it counts. */
  to: number | null;
}

/** How long something took, or has taken so far. */
export function Elapsed({ from, to }: Props) {
  const now = useNow(from !== null && to === null ? 1000 : 0);
  if (from === null) return <span aria-hidden>–</span>;
  return <span>{duration((to ?? Math.max(now, from)) - from)}</span>;
}
