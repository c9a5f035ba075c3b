import { useText } from "~/i18n/text";
import { Dialog } from "~/ui/Dialog";
import { KeyCaps } from "./KeyCaps";
import styles from "./KeySheet.module.css";
import type { Binding, KeyGroup } from "./registry";
import { useKeys } from "./useKey";

const GROUPS: readonly KeyGroup[] = ["everywhere", "places", "list", "page"];

/** All keys that do something at the moment. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  const text = useText();
  const bindings = useKeys();
  return (
    <Dialog title={text.keys.title} onClose={onClose}>
      <div className={styles["groups"]}>
        {GROUPS.map((group) => {
          const lines = linesOf(bindings, group);
          return lines.length === 0 ? null : (
            <section key={group} className={styles["group"]}>
              <h2>{text.keys[group]}</h2>
              <dl>
                {lines.map(([what, keys]) => (
                  <div key={what} className={styles["line"]}>
                    <dt>{what}</dt>
                    <dd>
                      {keys.map((key) => (
                        <KeyCaps key={key} keys={key} />
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}

/** What the keys of a group do, each once, with its keys, in the order in which they were bound. */
function linesOf(bindings: readonly Binding[], group: KeyGroup): [string, string[]][] {
  const lines = new Map<string, string[]>();
  for (const { key, what } of bindings.filter((each) => each.group === group).toReversed()) {
    const known = lines.get(what) ?? [];
    lines.set(what, known.includes(key) ? known : [...known, key]);
  }
  return [...lines];
}
