import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { firstRuns } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Card } from "~/ui/Card";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { useNow } from "~/ui/useNow";
import { RunTable } from "../runs/RunTable";
import { shortCause } from "./cause";
import styles from "./HomePage.module.css";

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

/** Runs that failed in the last days, each with its cause. */
export function FailedPart() {
  const text = useText();
  const now = useNow(HOUR);
  // To the hour, so that the question stays the same for a while.
  const endedAfter = Math.floor(now / HOUR) * HOUR - WEEK;
  const found = useQuery(firstRuns({ state: "FAILED", sort: "finished_at", endedAfter }, 6));
  const rows = found.data?.rows ?? [];
  return (
    <Card
      title={text.home.failed}
      aside={
        <Link to="/runs" search={{ state: "FAILED" }}>
          {text.common.all}
        </Link>
      }
      flush
    >
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data && rows.length === 0 ? <p className={styles["none"]}>{text.home.failedNone}</p> : null}
      <ul className={styles["rows"]}>
        {rows.map((run) => (
          <li key={run.id} className={styles["row"]}>
            <StateMark state={run.state} />
            <Link to="/runs/$runId" params={{ runId: run.id }} className={styles["title"]}>
              {run.name}
            </Link>
            <span className={styles["end"]}>
              <Moment at={run.finishedAt} as="ago" />
            </span>
            {run.error ? <Cause message={run.error} /> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Cause({ message }: { message: string }) {
  const { step, words } = shortCause(message);
  return (
    <p className={styles["cause"]} title={message}>
      {step ? <strong>{step}: </strong> : null}
      {words}
    </p>
  );
}

/** The newest runs, whatever became of them. */
export function LatestPart() {
  const text = useText();
  const found = useQuery(firstRuns({}, 8));
  return (
    <Card
      title={text.home.recent}
      aside={
        <Link to="/runs">
          {found.data ? `${text.common.all} (${found.data.total.toLocaleString()})` : text.common.all}
        </Link>
      }
      flush
    >
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data ? <RunTable rows={found.data.rows} short /> : null}
    </Card>
  );
}
