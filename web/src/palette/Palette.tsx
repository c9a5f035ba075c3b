import { Dialog } from "@base-ui/react/dialog";
import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import { BASE } from "~/api/client";
import { useText } from "~/i18n/text";
import { KeyCaps } from "~/keys/KeyCaps";
import { StateMark } from "~/states/StateMark";
import { Icon } from "~/ui/Icon";
import type { Entry } from "./entries";
import styles from "./Palette.module.css";
import { useGroups } from "./useGroups";

const PAUSE = 120;

interface Props {
  onClose: () => void;
  onKeys: () => void;
}

/** Finds anything by a part of its name or id, and does what can be done from everywhere. */
export function Palette({ onClose, onKeys }: Props) {
  const text = useText();
  const router = useRouter();
  const id = useId();
  const [typed, setTyped] = useState("");
  const words = useSettled(typed.trim());
  const [chosen, setChosen] = useState<string | null>(null);
  const { groups, busy, failed } = useGroups(words, onKeys);
  const entries = groups.flatMap((group) => group.entries);
  // Until somebody has moved, the first line is chosen, whatever it is.
  const at = Math.max(
    0,
    entries.findIndex((entry) => entry.key === chosen),
  );
  const active = entries[at];
  const settled = words === typed.trim() && !busy;
  // Who types a name and presses Enter at once means what will be found.
  const [wanted, setWanted] = useState(false);
  const run = (entry: Entry) => {
    onClose();
    if (typeof entry.target === "string") router.history.push(BASE + entry.target);
    else entry.target();
  };
  const runWanted = useEffectEvent(() => {
    setWanted(false);
    if (active) run(active);
  });
  useEffect(() => {
    if (wanted && settled) runWanted();
  }, [wanted, settled]);
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && active && (settled || chosen !== null)) run(active);
    else if (event.key === "Enter" && !settled) setWanted(true);
    else if (step !== undefined && entries.length > 0) setChosen(entries[moved(at, step, entries.length)]?.key ?? null);
    else return;
    event.preventDefault();
  };
  const idOf = (entry: Entry | undefined) => (entry ? `${id}-${entries.indexOf(entry)}` : undefined);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles["backdrop"]} />
        <Dialog.Popup className={styles["popup"]}>
          <Dialog.Title className="visually-hidden">{text.search.title}</Dialog.Title>
          <div className={styles["field"]}>
            <Icon name="search" size={17} />
            <input
              role="combobox"
              aria-label={text.search.title}
              aria-expanded
              aria-controls={`${id}-list`}
              aria-activedescendant={idOf(active)}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              placeholder={text.search.placeholder}
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value);
                setChosen(null);
                setWanted(false);
              }}
              onKeyDown={press}
            />
            <Dialog.Close className={styles["close"]}>
              <span className="visually-hidden">{text.common.close}</span>
              <span aria-hidden>
                <KeyCaps keys="Escape" />
              </span>
            </Dialog.Close>
          </div>
          <div id={`${id}-list`} className={styles["list"]} role="listbox" aria-label={text.search.title}>
            {groups.map((group) => (
              <div key={group.title} role="group" aria-label={group.title}>
                <p className={styles["heading"]} aria-hidden>
                  {group.title}
                </p>
                {group.entries.map((entry) => (
                  <Line
                    key={entry.key}
                    id={idOf(entry)}
                    entry={entry}
                    active={entry === active}
                    onEnter={() => setChosen(entry.key)}
                    onRun={() => run(entry)}
                  />
                ))}
              </div>
            ))}
          </div>
          <p className={styles["status"]} role="status" data-quiet={entries.length > 0}>
            {sentence(text.search, entries.length, busy)}
            {failed ? ` ${text.errors.title}.` : ""}
          </p>
          <footer className={styles["foot"]}>
            <span>
              <KeyCaps keys="ArrowUp" />
              <KeyCaps keys="ArrowDown" /> {text.search.move}
            </span>
            <span>
              <KeyCaps keys="Enter" /> {text.search.choose}
            </span>
            <span>
              <KeyCaps keys="Escape" /> {text.search.close}
            </span>
          </footer>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function sentence(
  text: { nothing: string; searching: string; found: (count: number) => string },
  count: number,
  busy: boolean,
): string {
  if (busy) return text.searching;
  return count === 0 ? text.nothing : text.found(count);
}

/** One step goes round, several stop at the ends. */
function moved(at: number, step: number, count: number): number {
  if (Math.abs(step) === 1) return (at + step + count) % count;
  return Math.min(count - 1, Math.max(0, at + step));
}

/** The value once it has not changed for a moment; at once when it is emptied. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), value === "" ? 0 : PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

interface LineProps {
  id: string | undefined;
  entry: Entry;
  active: boolean;
  onEnter: () => void;
  onRun: () => void;
}

function Line({ id, entry, active, onEnter, onRun }: LineProps) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) line.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field, which moves the choice and takes it
    <div
      ref={line}
      id={id}
      className={styles["line"]}
      role="option"
      aria-selected={active}
      data-active={active}
      onMouseMove={onEnter}
      onClick={onRun}
    >
      <span className={styles["icon"]}>
        {entry.state ? <StateMark state={entry.state} /> : <Icon name={entry.icon} size={15} />}
      </span>
      <span className={styles["name"]}>{entry.name}</span>
      {entry.detail ? <span className={styles["detail"]}>{entry.detail}</span> : null}
      {entry.shortcut ? (
        <span className={styles["shortcut"]} aria-hidden>
          <KeyCaps keys={entry.shortcut} />
        </span>
      ) : null}
    </div>
  );
}
