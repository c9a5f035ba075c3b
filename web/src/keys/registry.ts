/** Keys and what they do: pages and components name theirs, one listener hears them all, and the sheet shows them. */

/** Under which heading of the sheet a key stands. */
export type KeyGroup = "everywhere" | "places" | "list" | "page";

export interface Binding {
  /** As `KeyboardEvent.key` names it, two of them for one after the other: `j`, `?`, `g r`, `mod+k`. */
  key: string;
  what: string;
  group: KeyGroup;
  /** Returns false where it is not its turn, for the next binding of the key. */
  action: () => unknown;
}

/** How long the first key of two is remembered, in milliseconds. */
const PATIENCE = 1200;
const FIELDS = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]";
/** Within these, keys have their own meaning. */
const LAYERS = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

const MODAL = "[role=dialog], [role=alertdialog]";

export class Keys {
  readonly #bindings = new Set<Binding>();
  readonly #listeners = new Set<() => void>();
  #all: readonly Binding[] = [];
  #first = "";
  #until = 0;

  add(binding: Binding): () => void {
    this.#bindings.add(binding);
    this.#changed();
    return () => {
      this.#bindings.delete(binding);
      this.#changed();
    };
  }

  /** What there is now; the same list until it changes. */
  readonly all = (): readonly Binding[] => this.#all;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hear a key of the window. */
  readonly hear = (event: KeyboardEvent): void => {
    const key = nameOf(event);
    if (key === null || event.defaultPrevented || (event.repeat && key.includes("+"))) return;
    if (!key.includes("+") && isTaken(event.target)) return;
    const both = event.timeStamp < this.#until ? `${this.#first} ${key}` : "";
    this.#first = "";
    this.#until = 0;
    if ((both && this.#act(both)) || this.#act(key)) {
      event.preventDefault();
    } else if (this.#all.some((each) => each.key.startsWith(`${key} `))) {
      this.#first = key;
      this.#until = event.timeStamp + PATIENCE;
    }
  };

  #act(key: string): boolean {
    for (const binding of this.#all) if (binding.key === key && binding.action() !== false) return true;
    return false;
  }

  #changed(): void {
    // What came last lies on top, and a page lies over the shell, whichever of them came first.
    const latest = [...this.#bindings].reverse();
    this.#all = [...latest.filter(isOfPage), ...latest.filter((each) => !isOfPage(each))];
    for (const listener of this.#listeners) listener();
  }
}

export const keys = new Keys();

function isOfPage({ group }: Binding): boolean {
  return group === "page" || group === "list";
}

/** The key as bindings name it; null for what is left to the browser. */
function nameOf(event: KeyboardEvent): string | null {
  if (event.isComposing || event.altKey) return null;
  const key = latin(event);
  if (event.ctrlKey || event.metaKey) return event.shiftKey ? null : `mod+${key}`;
  return key;
}

/** With a Korean layout, the key labelled "g" gives "ㅎ": letters go by their place then. */
function latin({ key, code }: KeyboardEvent): string {
  if (/^[\x20-\x7e]$/.test(key)) return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  return letter && (key.length === 1 || key === "Process") ? letter.toLowerCase() : key;
}

function isTaken(target: EventTarget | null): boolean {
  // A dialog that has just opened has not taken the focus yet.
  if (document.querySelector(MODAL) !== null) return true;
  return target instanceof Element && target.closest(`${FIELDS}, ${LAYERS}`) !== null;
}
