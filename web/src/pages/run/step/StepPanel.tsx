import { memo } from "react";
import type { RunTab } from "~/app/search";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Elapsed } from "~/ui/Elapsed";
import { Icon } from "~/ui/Icon";
import { Select } from "~/ui/Select";
import { Tabs } from "~/ui/Tabs";
import { LogView } from "../logs/LogView";
import { type Step, sameWithStep } from "../steps";
import { ValueList } from "../ValueList";
import { ArtifactResults } from "./ArtifactResults";
import { CacheTab } from "./CacheTab";
import { FailureCard } from "./FailureCard";
import { resultsOf } from "./results";
import { StepDetails } from "./StepDetails";
import styles from "./StepPanel.module.css";

interface Props {
  run: string;
  step: Step;
  tab: RunTab | undefined;
  onTab: (tab: RunTab) => void;
  /** The number of the attempt that is looked at; the last one by default. */
  attempt: number | undefined;
  onAttempt: (number: number) => void;
}

/** Everything of one step. */
export const StepPanel = memo(function StepPanel({ run, step, tab, onTab, attempt: number, onAttempt }: Props) {
  const text = useText();
  const { task } = step;
  const attempt = task.attempts.find((each) => each.number === number) ?? task.attempts.at(-1);
  const failed = task.failure !== null || (attempt?.failure ?? null) !== null;
  const results = resultsOf([step]);
  const chosen = tabOf(tab, failed, attempt !== undefined);
  return (
    <section className={styles["panel"]} aria-label={step.name}>
      <header className={styles["head"]}>
        <StateMark state={step.state} size="large" word />
        <h2>{step.name}</h2>
        <span className={styles["aside"]}>
          {task.attempts.length > 1 ? (
            <Select
              label={text.run.attempt}
              value={String(attempt?.number ?? "")}
              choices={task.attempts.map((each) => [
                String(each.number),
                text.run.attemptOf(each.number, each.outcome),
              ])}
              onChange={(value) => onAttempt(Number(value))}
            />
          ) : null}
          <Elapsed from={step.startedAt} to={step.endedAt} />
        </span>
      </header>
      {task.detail ? (
        <p className={styles["detail"]} role="status">
          <Icon name={step.state === "SKIPPED" ? "dash" : "clock"} size={14} />
          <span>
            {step.state === "PENDING" ? <strong>{text.run.notStarted} </strong> : null}
            {task.detail}
          </span>
        </p>
      ) : null}
      <Tabs
        value={chosen}
        onChange={onTab}
        tabs={[
          ...(failed ? [{ key: "cause", name: text.run.cause } as const] : []),
          { key: "logs", name: text.run.logs },
          { key: "inputs", name: `${text.run.inputs} · ${text.run.outputs}` },
          ...(results.length > 0 || chosen === "results" ? [{ key: "results", name: text.run.results } as const] : []),
          { key: "details", name: text.run.details },
          { key: "cache", name: text.cache.title },
        ]}
      >
        {chosen === "cause" ? (
          <FailureCard run={run} task={task} attempt={attempt} onLogs={() => onTab("logs")} />
        ) : null}
        {chosen === "logs" ? (
          attempt ? (
            <LogView place={{ run, node: step.node, attempt: attempt.number }} />
          ) : (
            <p className={styles["words"]}>{task.cached ? text.run.cachedLog : text.run.noLog}</p>
          )
        ) : null}
        {chosen === "inputs" ? (
          <div className={styles["words"]}>
            <ValueList title={text.run.inputs} values={task.inputs} />
            <ValueList title={text.run.outputs} values={task.outputs} />
          </div>
        ) : null}
        {chosen === "results" ? (
          <div className={styles["words"]}>
            <ArtifactResults results={results} />
          </div>
        ) : null}
        {chosen === "details" ? (
          <StepDetails
            run={run}
            step={step}
            chosen={attempt?.number}
            onLog={(which) => {
              onAttempt(which);
            }}
          />
        ) : null}
        {chosen === "cache" ? <CacheTab run={run} node={step.node} /> : null}
      </Tabs>
    </section>
  );
}, sameWithStep);

/** The tab that is asked for where it exists, or else the one that tells most. */
function tabOf(wanted: RunTab | undefined, failed: boolean, hasLog: boolean): RunTab {
  if (wanted && (wanted !== "cause" || failed)) return wanted;
  if (failed) return "cause";
  return hasLog ? "logs" : "inputs";
}
