import { useEffect, useMemo, useSyncExternalStore } from "react";
import { type LogPlace, LogReader } from "./LogReader";

/** The reader of a log, with a number that changes as it reads on. */
export function useLog(place: LogPlace, whole = false): [LogReader, number] {
  const key = JSON.stringify(place);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another mode of reading is another reader
  const reader = useMemo(() => new LogReader(JSON.parse(key) as LogPlace), [key, whole]);
  useEffect(() => {
    reader.open(whole);
    return () => reader.close();
  }, [reader, whole]);
  const version = useSyncExternalStore(reader.subscribe, () => reader.version);
  return [reader, version];
}
