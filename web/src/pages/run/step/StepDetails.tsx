import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Attempt, lastLines, runHeader, runStructure } from "~/api/queries/run";
import { duration } from "~/format/duration";
import { instant } from "~/format/time";
import { plainPath } from "~/graph/model";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Facts } from "~/ui/Facts";
import { Moment } from "~/ui/Moment";
import type { Step } from "../steps";
import { PhaseLine } from "./PhaseLine";
import styles from "./StepDetails.module.css";
import { structureTask } from "./structureTask";

interface Props {
  run: string;
  step: Step;
  chosen: number | undefined;
  onLog: (attempt: number) => void;
}

/** What is known of a step besides its values and what it wrote. */
export function StepDetails({ run, step, chosen, onLog }: Props) {
  const text = useText();
  const { task } = step;
  const header = useQuery(runHeader(run));
  const structure = useQuery(runStructure(run));
  const planned = structure.data ? structureTask(structure.data, plainPath(task.node)) : null;
  const attempt = task.attempts.find((each) => each.number === chosen) ?? task.attempts.at(-1);
  return (
    <div className={styles["details"]}>
      <section>
        <h3>{text.run.history}</h3>
        <PhaseLine history={task.history} />
      </section>
      {task.attempts.length > 0 ? (
        <Attempts run={run} node={task.node} attempts={task.attempts} chosen={attempt?.number} onChoose={onLog} />
      ) : null}
      <section>
        <h3>{text.run.details}</h3>
        <Facts
          rows={[
            [text.run.task, <code key="node">{task.node}</code>],
            ["ID", <code key="id">{task.task_id}</code>],
            [text.common.created, <Moment key="created" at={instant(task.created_at)} />],
            [text.common.started, <Moment key="started" at={step.startedAt} />],
            [text.common.ended, <Moment key="ended" at={step.endedAt} />],
            ...(planned && planned.max_retries > 0 ? [[text.run.retries, String(planned.max_retries)] as const] : []),
          ]}
        />
      </section>
      {task.kind === "CONTAINER" ? (
        <section>
          <h3>{text.run.environment}</h3>
          <Facts
            rows={[
              [text.run.image, <code key="image">{planned?.image || "–"}</code>],
              [
                text.run.packages,
                header.data?.environment ? <code key="mode">{header.data.environment}</code> : text.newRun.asServer,
              ],
              [text.run.directory, <code key="directory">{attempt?.directory ?? "–"}</code>],
            ]}
          />
        </section>
      ) : null}
    </div>
  );
}

interface AttemptsProps {
  run: string;
  node: string;
  attempts: readonly Attempt[];
  chosen: number | undefined;
  onChoose: (number: number) => void;
}

function Attempts({ run, node, attempts, chosen, onChoose }: AttemptsProps) {
  const text = useText();
  const [open, setOpen] = useState<number | null>(null);
  return (
    <section>
      <h3>{text.run.attempts(attempts.length)}</h3>
      <div className={styles["scroll"]}>
        <table className={styles["attempts"]}>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">{text.run.outcome}</th>
              <th scope="col">{text.common.started}</th>
              <th scope="col">{text.run.waited}</th>
              <th scope="col">{text.run.ran}</th>
              <th scope="col">{text.run.exit}</th>
              <th scope="col">
                <span className="visually-hidden">{text.run.logs}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((attempt) => {
              const times = timesOf(attempt);
              return (
                <tr key={attempt.number} data-chosen={attempt.number === chosen}>
                  <td>{attempt.number}</td>
                  <td data-outcome={attempt.outcome ?? "RUNNING"} title={attempt.failure?.message}>
                    {text.run.outcomes[attempt.outcome ?? "RUNNING"]}
                  </td>
                  <td>
                    <Moment at={times.started} />
                  </td>
                  <td>{times.waited === null ? "–" : duration(times.waited)}</td>
                  <td>{times.ran === null ? "–" : duration(times.ran)}</td>
                  <td>{attempt.failure?.exit_code ?? (attempt.outcome === "SUCCEEDED" ? 0 : "–")}</td>
                  <td>
                    <Button
                      look="plain"
                      icon="logs"
                      aria-expanded={open === attempt.number}
                      aria-label={text.run.logOf(attempt.number)}
                      onClick={() => {
                        onChoose(attempt.number);
                        setOpen(open === attempt.number ? null : attempt.number);
                      }}
                    />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {open === null ? null : <AttemptLog run={run} node={node} attempt={open} />}
    </section>
  );
}

function AttemptLog({ run, node, attempt }: { run: string; node: string; attempt: number }) {
  const text = useText();
  const log = useQuery(lastLines(run, node, attempt, 40));
  if (!log.data) return null;
  const lines = log.data.join("\n").trimEnd();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className={styles["log"]} tabIndex={0}>
      {lines || text.run.noLog}
    </pre>
  );
}

function timesOf(attempt: Attempt): { started: number | null; waited: number | null; ran: number | null } {
  const scheduled = instant(attempt.scheduled_at);
  const started = instant(attempt.started_at);
  const ended = instant(attempt.ended_at);
  return {
    started,
    waited: scheduled !== null && started !== null ? started - scheduled : null,
    ran: started !== null && ended !== null ? ended - started : null,
  };
}
