import { useMemo, useState } from "react";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import styles from "./JsonView.module.css";
import { TextView } from "./TextView";

const STEP = 100;
const OPEN_DEPTH = 2;
const OPEN_SIZE = 30;

/** JSON as a tree that opens and folds; as text where it is cut off. */
export function JsonView({ source }: { source: string }) {
  const text = useText();
  const parsed = useMemo(() => parse(source), [source]);
  if (parsed === null) return <TextView source={source} label={text.preview.title} />;
  return (
    <div className={styles["frame"]}>
      <Value name={null} value={parsed.value} depth={0} />
    </div>
  );
}

/** A value that is known already, as the same tree, without a frame. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className={styles["tree"]}>
      <Value name={null} value={value} depth={0} />
    </div>
  );
}

interface ValueProps {
  name: string | null;
  value: unknown;
  depth: number;
}

function Value({ name, value, depth }: ValueProps) {
  if (typeof value === "object" && value !== null) {
    const entries = Array.isArray(value) ? value.map((item, at) => [String(at), item] as const) : Object.entries(value);
    return <Branch name={name} entries={entries} list={Array.isArray(value)} depth={depth} />;
  }
  return (
    <div className={styles["leaf"]}>
      <Name name={name} />
      <span data-kind={typeof value}>{JSON.stringify(value)}</span>
    </div>
  );
}

interface BranchProps {
  name: string | null;
  entries: readonly (readonly [string, unknown])[];
  list: boolean;
  depth: number;
}

function Branch({ name, entries, list, depth }: BranchProps) {
  const text = useText();
  const [open, setOpen] = useState(depth === 0 || (depth < OPEN_DEPTH && entries.length <= OPEN_SIZE));
  const [shown, setShown] = useState(STEP);
  const [begin, end] = list ? "[]" : "{}";
  if (entries.length === 0) {
    return (
      <div className={styles["leaf"]}>
        <Name name={name} />
        {`${begin}${end}`}
      </div>
    );
  }
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Name name={name} />
        {begin}
        {open ? null : (
          <span className={styles["count"]}>
            {text.preview.items(entries.length)}
            {end}
          </span>
        )}
      </summary>
      {open ? (
        <div className={styles["inside"]}>
          {entries.slice(0, shown).map(([key, item]) => (
            <Value key={key} name={key} value={item} depth={depth + 1} />
          ))}
          {entries.length > shown ? (
            <Button look="plain" onClick={() => setShown(shown + STEP * 10)}>
              {text.preview.moreItems(entries.length - shown)}
            </Button>
          ) : null}
        </div>
      ) : null}
      {open ? <div>{end}</div> : null}
    </details>
  );
}

function Name({ name }: { name: string | null }) {
  return name === null ? null : <span className={styles["name"]}>{`${name}: `}</span>;
}

function parse(source: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(source) };
  } catch {
    return null;
  }
}
