import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { comingNext } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { Card } from "~/ui/Card";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import styles from "./HomePage.module.css";

/** Recurring runs in the order in which they fire next. */
export function NextPart() {
  const text = useText();
  const found = useQuery(comingNext(6));
  const rows = found.data ?? [];
  return (
    <Card title={text.home.next} aside={<Link to="/recurring">{text.common.all}</Link>} flush>
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data && rows.length === 0 ? (
        <p className={styles["none"]}>
          {text.home.nextNone} <Link to="/recurring/new">{text.recurring.create}</Link>
        </p>
      ) : null}
      <ul className={styles["rows"]}>
        {rows.map((row) => (
          <li key={row.id} className={styles["row"]}>
            <Link to="/recurring/$recurringId" params={{ recurringId: row.id }} className={styles["title"]}>
              {row.name}
            </Link>
            <span className={styles["end"]}>
              <Moment at={row.nextAt} as="ago" />
            </span>
            {row.error ? (
              <p className={styles["fault"]} title={row.error}>
                {row.error}
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}
