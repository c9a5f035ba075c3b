import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runTasks } from "~/api/queries/run";
import { firstRuns, type RunRow } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Card } from "~/ui/Card";
import { Elapsed } from "~/ui/Elapsed";
import { Failure } from "~/ui/Failure";
import { progressOf, stepsOf } from "../run/steps";
import styles from "./HomePage.module.css";

const MOST = 6;
const AGAIN = 2000;

/** Runs that go on, with how far each has come. */
export function RunningPart() {
  const text = useText();
  const found = useQuery(firstRuns({ state: "RUNNING" }, MOST));
  const rows = found.data?.rows ?? [];
  const total = found.data?.total ?? 0;
  return (
    <Card
      title={text.home.running}
      aside={
        total > MOST ? (
          <Link to="/runs" search={{ state: "RUNNING" }}>
            {`${text.common.all} (${total.toLocaleString()})`}
          </Link>
        ) : null
      }
      flush
    >
      {found.isError ? <Failure error={found.error} again={found.refetch} /> : null}
      {found.data && rows.length === 0 ? <p className={styles["none"]}>{text.home.runningNone}</p> : null}
      <ul className={styles["rows"]}>
        {rows.map((run) => (
          <Running key={run.id} run={run} />
        ))}
      </ul>
    </Card>
  );
}

function Running({ run }: { run: RunRow }) {
  const text = useText();
  // A stream each would take the few connections that a browser has for a host; the page of the run has one.
  const tasks = useQuery({ ...runTasks(run.id), refetchInterval: AGAIN });
  const { done, total } = progressOf(stepsOf(tasks.data ?? []));
  return (
    <li className={styles["row"]}>
      <StateMark state={run.state} />
      <Link to="/runs/$runId" params={{ runId: run.id }} className={styles["title"]}>
        {run.name}
      </Link>
      <span className={styles["end"]}>
        {total > 0 ? <span>{text.run.progress(done, total)}</span> : null}
        <span className={styles["meter"]} aria-hidden>
          <span style={{ width: `${total > 0 ? (100 * done) / total : 0}%` }} />
        </span>
        <Elapsed from={run.createdAt} to={null} />
      </span>
    </li>
  );
}
