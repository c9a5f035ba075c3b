import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type RunHeader, runHeader, runTasks, type Task } from "~/api/queries/run";
import { changedRunSearch, type RunSearchChange } from "~/app/search";
import { useText } from "~/i18n/text";
import { useRunUpdates } from "~/live/useRunUpdates";
import { hasEnded } from "~/states/states";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Page } from "~/ui/Page";
import { Tabs } from "~/ui/Tabs";
import { LogView } from "./logs/LogView";
import { RunAbout, RunActions, RunLead } from "./RunHead";
import styles from "./RunPage.module.css";
import { StepsView } from "./StepsView";
import { failedStep, findStep, progressOf, type Step, stepsOf } from "./steps";
import { useRunKeys } from "./useRunKeys";
import { ConfigurationView } from "./views/ConfigurationView";
import { EventsView } from "./views/EventsView";
import { ResultsView } from "./views/ResultsView";
import { SpecView } from "./views/SpecView";

const route = getRouteApi("/runs/$runId");
const NO_TASKS: readonly Task[] = [];

export function RunPage() {
  const { runId } = route.useParams();
  const header = useQuery(runHeader(runId));
  if (header.isError) return <Failure page error={header.error} again={header.refetch} />;
  if (header.isPending) return null;
  return <Run key={runId} run={header.data} />;
}

function Run({ run }: { run: RunHeader }) {
  const live = !hasEnded(run.state);
  const [after] = useState(run.changeNumber);
  const tasks = useQuery(runTasks(run.id));
  useRunUpdates(run.id, tasks.data ? after : null, live);
  const all = tasks.data ?? NO_TASKS;
  const steps = useMemo(() => stepsOf(all), [all]);
  const progress = useMemo(() => progressOf(steps), [steps]);
  return (
    <Page
      width="full"
      title={run.name}
      lead={<RunLead run={run} />}
      aside={<RunAbout run={run} done={progress.done} total={live ? progress.total : 0} />}
      actions={<RunActions run={run} live={live} />}
    >
      {live && progress.total > 0 ? (
        <progress className={styles["progress"]} value={progress.done} max={progress.total} aria-label={run.name} />
      ) : null}
      {tasks.isError ? <Failure error={tasks.error} again={tasks.refetch} /> : null}
      {tasks.data ? <Views run={run} steps={steps} tasks={all} live={live} /> : null}
    </Page>
  );
}

interface ViewsProps {
  run: RunHeader;
  steps: readonly Step[];
  tasks: readonly Task[];
  live: boolean;
}

function Views({ run, steps, tasks, live }: ViewsProps) {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: RunSearchChange) => void navigate({ search: (now) => changedRunSearch(now, next), replace: true }),
    [navigate],
  );
  const failed = useMemo(() => (run.state === "FAILED" ? failedStep(steps) : null), [run.state, steps]);
  const view = search.view ?? "steps";
  const openStep = useCallback((task: string) => change({ task, view: "steps", attempt: undefined }), [change]);
  useRunKeys({ run, change, failed: failed?.node });
  const empty = steps.length === 0 && ["steps", "graph", "timeline"].includes(view);
  return (
    <div className={styles["views"]}>
      <Tabs
        value={view}
        onChange={(chosen) => change({ view: chosen })}
        tabs={[
          { key: "steps", name: text.run.tree },
          { key: "graph", name: text.run.graph },
          { key: "timeline", name: text.run.timeline },
          { key: "logs", name: text.run.logs },
          { key: "results", name: text.run.results },
          { key: "configuration", name: text.run.configuration },
          { key: "events", name: text.run.events },
          { key: "yaml", name: "YAML" },
        ]}
      >
        {empty ? (
          <Empty icon="clock" title={run.error || text.run.waitingForSteps} tone={run.error ? "bad" : "calm"} />
        ) : view === "steps" || view === "graph" || view === "timeline" ? (
          <StepsView
            run={run}
            view={view}
            steps={steps}
            tasks={tasks}
            live={live}
            step={findStep(steps, search.task ?? (view === "timeline" ? undefined : failed?.node))}
            search={search}
            onChange={change}
          />
        ) : null}
        {view === "logs" ? <LogView place={{ run: run.id }} onLabel={openStep} /> : null}
        {view === "results" ? <ResultsView steps={steps} live={live} /> : null}
        {view === "configuration" ? (
          <div className={styles["scroll"]}>
            <ConfigurationView
              run={run}
              inputs={tasks.find((task) => task.parent === null)?.inputs.parameters ?? null}
            />
          </div>
        ) : null}
        {view === "events" ? <EventsView run={run.id} onSelect={openStep} /> : null}
        {view === "yaml" ? <SpecView run={run} /> : null}
      </Tabs>
    </div>
  );
}
