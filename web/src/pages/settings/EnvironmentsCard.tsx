import { useQuery } from "@tanstack/react-query";
import { environments } from "~/api/queries/server";
import { bytes } from "~/format/bytes";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { Card } from "~/ui/Card";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import styles from "./SettingsPage.module.css";

/** Python environments that the server keeps for tasks. */
export function EnvironmentsCard() {
  const text = useText();
  const found = useQuery(environments());
  const rows = found.data ?? [];
  return (
    <Card title={text.settings.environments} flush>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data && rows.length === 0 ? <p className={styles["none"]}>{text.settings.environmentsNone}</p> : null}
      {rows.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keys too
        <section className={styles["frame"]} aria-label={text.settings.environments} tabIndex={0}>
          <table className={styles["table"]}>
            <thead>
              <tr>
                <th scope="col">{text.settings.packages}</th>
                <th scope="col">Python</th>
                <th scope="col" data-number>
                  {text.settings.size}
                </th>
                <th scope="col" data-number>
                  {text.settings.lastUsed}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td title={row.id}>{row.requirements.join(", ") || text.settings.nothingDeclared}</td>
                  <td>{`${row.python_version} · ${row.mode}`}</td>
                  <td data-number>{bytes(row.bytes)}</td>
                  <td data-number>
                    {row.in_use ? text.settings.inUse : <Moment at={instant(row.last_used_at)} as="ago" />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
    </Card>
  );
}
