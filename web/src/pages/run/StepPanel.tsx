import type { RunTab } from "~/app/search";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { StateMark } from "~/states/StateMark";
import { Elapsed } from "~/ui/Elapsed";
import { Facts } from "~/ui/Facts";
import { Moment } from "~/ui/Moment";
import { Tabs } from "~/ui/Tabs";
import { Cause } from "./Cause";
import { LogView } from "./LogView";
import styles from "./StepPanel.module.css";
import type { Step } from "./steps";
import { ValueList } from "./ValueList";

interface Props {
  run: string;
  step: Step;
  tab: RunTab | undefined;
  onTab: (tab: RunTab) => void;
}

/** Everything of one step. */
export function StepPanel({ run, step, tab, onTab }: Props) {
  const text = useText();
  const attempt = step.task.attempts.at(-1);
  const hasLog = attempt !== undefined;
  const chosen = tab ?? (hasLog ? "logs" : "inputs");
  return (
    <section className={styles["panel"]} aria-label={step.name}>
      <header className={styles["head"]}>
        <StateMark state={step.state} size="large" word />
        <h2>{step.name}</h2>
        <span className={styles["aside"]}>
          <Elapsed from={step.startedAt} to={step.endedAt} />
          {step.task.attempts.length > 1 ? ` · ${text.run.attempts(step.task.attempts.length)}` : ""}
        </span>
      </header>
      {step.task.failure ? <Cause failure={step.task.failure} /> : null}
      {step.task.detail ? <p className={styles["detail"]}>{step.task.detail}</p> : null}
      <Tabs
        value={chosen}
        onChange={onTab}
        tabs={[
          { key: "logs", name: text.run.logs },
          { key: "inputs", name: `${text.run.inputs} · ${text.run.outputs}` },
          { key: "details", name: text.run.details },
        ]}
      >
        {chosen === "logs" ? (
          attempt ? (
            <LogView run={run} node={step.node} attempt={attempt.number} />
          ) : (
            <p className={styles["words"]}>{text.run.noLog}</p>
          )
        ) : null}
        {chosen === "inputs" ? (
          <div className={styles["words"]}>
            <ValueList title={text.run.inputs} values={step.task.inputs} />
            <ValueList title={text.run.outputs} values={step.task.outputs} />
          </div>
        ) : null}
        {chosen === "details" ? <Details step={step} /> : null}
      </Tabs>
    </section>
  );
}

function Details({ step }: { step: Step }) {
  const text = useText();
  const { task } = step;
  return (
    <div className={styles["words"]}>
      <Facts
        rows={[
          [text.run.task, <code key="node">{task.node}</code>],
          ["ID", <code key="id">{task.task_id}</code>],
          [text.common.created, <Moment key="created" at={instant(task.created_at)} />],
          [text.common.started, <Moment key="started" at={step.startedAt} />],
          [text.common.ended, <Moment key="ended" at={step.endedAt} />],
          ...(task.failure?.exit_code == null ? [] : [[text.run.exit, String(task.failure.exit_code)] as const]),
        ]}
      />
    </div>
  );
}
