import { useCallback, useEffect, useMemo, useState } from "react";
import { useText } from "~/i18n/text";
import { Failure } from "~/ui/Failure";
import { LogLines, type Place } from "./LogLines";
import { LINES_OF_EACH, type LogPlace } from "./LogReader";
import { finderOfLevel, finderOfText, type LevelFilter } from "./LogSelection";
import { LogTools } from "./LogTools";
import styles from "./LogView.module.css";
import { useLog } from "./useLog";

interface Props {
  place: LogPlace;
  /** Called with the label of a line of a whole run's log. */
  onLabel?: (node: string) => void;
}

/** A log: followed to its end while it is read there, searched, and filtered by level. */
export function LogView({ place, onLabel }: Props) {
  const text = useText();
  const [whole, setWhole] = useState(false);
  const [log, version] = useLog(place, whole);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(false);
  const [level, setLevel] = useState<LevelFilter>("all");
  const [query, setQuery] = useState("");
  const [hit, setHit] = useState(-1);
  const labelled = !("node" in place);
  const levels = useMemo(() => finderOfLevel(level, labelled), [level, labelled]);
  const words = useMemo(() => finderOfText(query), [query]);
  const { buffer } = log;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the buffer changes within, as the version tells
  const shown = useMemo(() => levels?.in(buffer) ?? null, [levels, buffer, version]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const hits = useMemo(() => words?.in(buffer) ?? null, [words, buffer, version]);
  const target = hits && hit >= 0 ? (hits[hit] ?? null) : null;
  const go = (by: number) => {
    if (!hits || hits.length === 0) return;
    setFollow(false);
    setHit(hit < 0 ? (by > 0 ? 0 : hits.length - 1) : (hit + by + hits.length) % hits.length);
  };
  const place_: Place = { target, follow, shifted: log.shifted };
  const onEarlier = useCallback(() => void log.loadEarlier(), [log]);
  useEffect(() => {
    if (hits && hit >= hits.length) setHit(hits.length - 1);
  }, [hits, hit]);
  if (log.error) return <Failure error={log.error} />;
  if (log.ended && buffer.lineCount === 0) return <p className={styles["none"]}>{text.run.noLog}</p>;
  return (
    <div className={styles["outer"]}>
      <LogTools
        place={place}
        query={query}
        onQuery={(value) => {
          setQuery(value);
          // The first hit shows at once.
          setHit(value ? 0 : -1);
          if (value) setFollow(false);
        }}
        found={hits ? { count: hits.length, at: hit } : null}
        onStep={go}
        level={level}
        onLevel={setLevel}
        wrap={wrap}
        onWrap={setWrap}
        follow={follow}
        onFollow={setFollow}
        whole={
          !whole && (log.hasEarlier || (labelled && buffer.lineCount >= LINES_OF_EACH)) ? () => setWhole(true) : null
        }
        live={!log.ended}
      />
      <LogLines
        buffer={buffer}
        version={version}
        shown={shown}
        query={query}
        wrap={wrap}
        labelled={labelled}
        place={place_}
        hasEarlier={log.hasEarlier}
        busy={log.loadingEarlier}
        onEarlier={onEarlier}
        onFollow={setFollow}
        {...(onLabel ? { onLabel } : {})}
      />
    </div>
  );
}
