import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "~/api/client";
import { storage } from "~/api/queries/server";
import { bytes } from "~/format/bytes";
import { useText } from "~/i18n/text";
import { Card } from "~/ui/Card";
import { Failure } from "~/ui/Failure";
import { GarbagePart } from "./GarbagePart";
import styles from "./SettingsPage.module.css";

type Kind = "artifact" | "log" | "database" | "workspace" | "environment";

const COLOURS: Record<Kind, string> = {
  artifact: "var(--series-1)",
  log: "var(--series-2)",
  database: "var(--series-3)",
  workspace: "var(--series-4)",
  environment: "var(--series-5)",
};
const KINDS = ["artifact", "log", "database", "workspace", "environment"] as const;

/** What takes how much room, and what of it could go. */
export function StorageCard() {
  const text = useText();
  const found = useQuery(storage());
  return (
    <Card title={text.settings.storage}>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data ? <Usage usage={found.data} /> : null}
      <GarbagePart />
    </Card>
  );
}

function Usage({ usage }: { usage: Schemas["Storage"] }) {
  const text = useText();
  const parts = KINDS.map((kind) => ({ kind, size: usage[`${kind}_bytes`] }));
  return (
    <>
      <p className={styles["total"]}>{text.settings.total(bytes(usage.total_bytes))}</p>
      <div className={styles["bar"]} aria-hidden>
        {parts.map(({ kind, size }) =>
          size === 0 ? null : <span key={kind} style={{ flexGrow: size, background: COLOURS[kind] }} />,
        )}
      </div>
      <ul className={styles["legend"]}>
        {parts.map(({ kind, size }) => (
          <li key={kind}>
            <span className={styles["swatch"]} style={{ background: COLOURS[kind] }} />
            {text.settings.kinds[kind]}
            <b>{bytes(size)}</b>
          </li>
        ))}
      </ul>
      {usage.is_complete ? null : <p className={styles["quiet"]}>{text.settings.incomplete}</p>}
    </>
  );
}
