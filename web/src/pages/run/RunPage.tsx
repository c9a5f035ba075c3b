import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { type RunHeader, runHeader, runTasks, type Task } from "~/api/queries/run";
import { actOnRun, type RunAction } from "~/api/queries/runs";
import type { RunSearch } from "~/app/search";
import { useText } from "~/i18n/text";
import { useRunUpdates } from "~/live/useRunUpdates";
import { StateMark } from "~/states/StateMark";
import { hasEnded } from "~/states/states";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Elapsed } from "~/ui/Elapsed";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Moment } from "~/ui/Moment";
import { Page } from "~/ui/Page";
import { Segments } from "~/ui/Segments";
import { RunGraph } from "./RunGraph";
import styles from "./RunPage.module.css";
import { RunSummary } from "./RunSummary";
import { StepPanel } from "./StepPanel";
import { StepTree } from "./StepTree";
import { failedStep, progressOf, type Step, stepsOf } from "./steps";

const route = getRouteApi("/runs/$runId");

export function RunPage() {
  const { runId } = route.useParams();
  const header = useQuery(runHeader(runId));
  if (header.isError) return <Failure error={header.error} again={header.refetch} />;
  if (header.isPending) return null;
  return <Run run={header.data} />;
}

function Run({ run }: { run: RunHeader }) {
  const text = useText();
  const live = !hasEnded(run.state);
  const [after] = useState(run.changeNumber);
  const tasks = useQuery(runTasks(run.id));
  useRunUpdates(run.id, tasks.data ? after : null, live);
  const steps = stepsOf(tasks.data ?? []);
  const { done, total } = progressOf(steps);
  return (
    <Page
      width="full"
      title={run.name}
      lead={<StateMark state={run.state} size="large" word />}
      aside={
        <>
          <Elapsed from={run.createdAt} to={run.finishedAt} />
          <Moment at={run.createdAt} />
          {live && total > 0 ? <span>{text.run.progress(done, total)}</span> : null}
        </>
      }
      actions={<Actions run={run} live={live} />}
    >
      {tasks.isError ? <Failure error={tasks.error} again={tasks.refetch} /> : null}
      {tasks.data && steps.length === 0 ? (
        <Empty icon="clock" title={run.error || text.run.waitingForSteps} tone={run.error ? "bad" : "calm"} />
      ) : null}
      {steps.length > 0 ? <Split run={run} steps={steps} tasks={tasks.data ?? []} live={live} /> : null}
    </Page>
  );
}

function Split({
  run,
  steps,
  tasks,
  live,
}: {
  run: RunHeader;
  steps: readonly Step[];
  tasks: readonly Task[];
  live: boolean;
}) {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: RunSearch) => navigate({ search: { ...search, ...next }, replace: true });
  const failed = run.state === "FAILED" ? failedStep(steps) : null;
  const step = find(steps, search.task ?? failed?.node);
  const view = search.view ?? "steps";
  return (
    <div className={styles["split"]}>
      <div className={styles["steps"]}>
        <div className={styles["views"]}>
          <Segments
            label={text.run.steps}
            value={view}
            onChoose={(chosen) => change({ view: chosen })}
            choices={[
              ["steps", text.run.tree],
              ["graph", text.run.graph],
            ]}
          />
        </div>
        {view === "graph" ? (
          <RunGraph run={run.id} tasks={tasks} selected={step?.node} onSelect={(node) => change({ task: node })} />
        ) : (
          <StepTree steps={steps} live={live} selected={step?.node} onSelect={(node) => change({ task: node })} />
        )}
      </div>
      <div className={styles["panel"]}>
        {step ? (
          <StepPanel key={step.node} run={run.id} step={step} tab={search.tab} onTab={(tab) => change({ tab })} />
        ) : (
          <RunSummary run={run} />
        )}
      </div>
    </div>
  );
}

function Actions({ run, live }: { run: RunHeader; live: boolean }) {
  const text = useText();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (action: RunAction) => actOnRun(run.id, action),
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run.id] }),
  });
  return (
    <>
      {act.isError ? <span role="alert">{act.error.message}</span> : null}
      {live ? (
        <Button icon="stop" disabled={act.isPending} onClick={() => act.mutate("terminate")}>
          {text.runs.terminate}
        </Button>
      ) : null}
      <ButtonLink to="/runs/new" search={{ clone: run.id }} icon="clone">
        {text.runs.clone}
      </ButtonLink>
      {run.state === "FAILED" || run.state === "CANCELED" ? (
        <Button icon="retry" look="primary" disabled={act.isPending} onClick={() => act.mutate("retry")}>
          {text.runs.retry}
        </Button>
      ) : null}
    </>
  );
}

function find(steps: readonly Step[], node: string | undefined): Step | undefined {
  if (node === undefined) return undefined;
  for (const step of steps) {
    if (step.node === node) return step;
    const inside = find(step.children, node);
    if (inside) return inside;
  }
  return undefined;
}
