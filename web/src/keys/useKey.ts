import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { type Binding, type KeyGroup, keys } from "./registry";

interface Options {
  group?: KeyGroup;
  /** Whether the key does something now. */
  when?: boolean;
}

/**
 * Bind a key for as long as the component is there; *what* stands in the sheet of keys. An action that returns false
 * leaves the key to others who have bound it.
 */
export function useKey(key: string, what: string, action: () => unknown, options: Options = {}): void {
  const { group = "page", when = true } = options;
  const act = useEffectEvent(action);
  useEffect(() => {
    if (!when) return;
    return keys.add({ key, what, group, action: () => act() });
  }, [key, what, group, when]);
}

/** All keys that do something now. */
export function useKeys(): readonly Binding[] {
  return useSyncExternalStore(keys.subscribe, keys.all);
}
