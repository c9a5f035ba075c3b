import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Attempt, lastLines, type Task } from "~/api/queries/run";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Icon } from "~/ui/Icon";
import { pieces } from "../logs/ansi";
import { ChangesSinceSuccess } from "./ChangesSinceSuccess";
import styles from "./FailureCard.module.css";
import { tracebackIn } from "./traceback";

const LINES = 300;
const SHOWN = 12;

interface Props {
  run: string;
  task: Task;
  attempt: Attempt | undefined;
  onLogs: () => void;
}

/** Why a step failed: the exception, the line of the user's code, the end of the log, and what is not as it was. */
export function FailureCard({ run, task, attempt, onLogs }: Props) {
  const text = useText();
  const failure = attempt?.failure ?? task.failure;
  const log = useQuery({ ...lastLines(run, task.node, attempt?.number ?? 1, LINES), enabled: attempt !== undefined });
  const lines = useMemo(() => trimmed(log.data ?? []), [log.data]);
  const traceback = useMemo(() => tracebackIn(lines), [lines]);
  return (
    <div className={styles["card"]}>
      {traceback ? (
        <section className={styles["cause"]} role="alert">
          <p>
            <strong>{traceback.exception}</strong> {traceback.message}
          </p>
          {traceback.own ? (
            <figure className={styles["frame"]}>
              <figcaption>
                {text.run.lineOf(traceback.own.line, traceback.own.function)}
                {failure?.exit_code == null ? null : ` · ${text.run.exit} ${failure.exit_code}`}
              </figcaption>
              <pre>
                <code>{traceback.own.code || traceback.own.file}</code>
              </pre>
            </figure>
          ) : null}
        </section>
      ) : failure ? (
        <section className={styles["cause"]} role="alert">
          <p>{failure.message}</p>
        </section>
      ) : null}
      {lines.length > 0 ? (
        <section className={styles["part"]}>
          <h3>{traceback ? text.run.traceback : text.run.lastLines}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre className={styles["log"]} tabIndex={0}>
            {traceback
              ? traceback.text
              : lines.slice(-SHOWN).map((line, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the lines are what they are
                  <span key={index}>{`${pieces(line)
                    .map((piece) => piece.text)
                    .join("")}\n`}</span>
                ))}
          </pre>
          <span>
            <Button icon="logs" onClick={onLogs}>
              {text.run.wholeLog}
            </Button>
          </span>
        </section>
      ) : null}
      {attempt === undefined && task.kind !== "CONTAINER" ? (
        <p className={styles["hint"]}>
          <Icon name="info" size={14} /> {text.run.failedInside}
        </p>
      ) : null}
      <ChangesSinceSuccess run={run} />
    </div>
  );
}

/** Without empty lines at the end. */
function trimmed(lines: readonly string[]): string[] {
  let end = lines.length;
  while (end > 0 && !lines[end - 1]?.trim()) end -= 1;
  return lines.slice(0, end);
}
