import { useCallback } from "react";
import type { RunHeader, Task } from "~/api/queries/run";
import type { RunSearch, RunSearchChange, RunTab } from "~/app/search";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { RunGraph } from "./RunGraph";
import styles from "./RunPage.module.css";
import { StepTree } from "./StepTree";
import { StepPanel } from "./step/StepPanel";
import type { Step } from "./steps";
import { TimelineView } from "./timeline/TimelineView";
import { ConfigurationView } from "./views/ConfigurationView";

interface Props {
  run: RunHeader;
  view: "steps" | "graph" | "timeline";
  steps: readonly Step[];
  tasks: readonly Task[];
  live: boolean;
  /** The chosen step. */
  step: Step | undefined;
  search: RunSearch;
  onChange: (next: RunSearchChange) => void;
}

/** Steps as a tree, a graph or along the time, beside what is known of the chosen one. */
export function StepsView({ run, view, steps, tasks, live, step, search, onChange }: Props) {
  const text = useText();
  const select = useCallback((task: string) => onChange({ task, attempt: undefined }), [onChange]);
  const onTab = useCallback((tab: RunTab) => onChange({ tab }), [onChange]);
  const onAttempt = useCallback((attempt: number) => onChange({ attempt }), [onChange]);
  const selected = step?.node;
  return (
    <div className={styles["split"]} data-view={view} data-open={step !== undefined}>
      <div className={styles["steps"]}>
        {view === "graph" ? <RunGraph run={run.id} tasks={tasks} selected={selected} onSelect={select} /> : null}
        {view === "steps" ? <StepTree steps={steps} live={live} selected={selected} onSelect={select} /> : null}
        {view === "timeline" ? (
          <TimelineView run={run.id} steps={steps} live={live} selected={selected} onSelect={select} />
        ) : null}
      </div>
      {step ? (
        <div className={styles["panel"]}>
          <StepPanel
            key={step.node}
            run={run.id}
            step={step}
            tab={search.tab}
            onTab={onTab}
            attempt={search.attempt}
            onAttempt={onAttempt}
          />
          {view === "timeline" ? (
            <span className={styles["close"]}>
              <Button
                look="plain"
                icon="cross"
                aria-label={text.run.close}
                onClick={() => onChange({ task: undefined, attempt: undefined })}
              />
            </span>
          ) : null}
        </div>
      ) : view === "timeline" ? null : (
        <div className={styles["panel"]}>
          <div className={styles["scroll"]}>
            <p className={styles["hint"]}>{text.run.noneSelected}</p>
            <ConfigurationView
              run={run}
              inputs={tasks.find((task) => task.parent === null)?.inputs.parameters ?? null}
            />
          </div>
        </div>
      )}
    </div>
  );
}
