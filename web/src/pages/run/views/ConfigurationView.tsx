import { Link } from "@tanstack/react-router";
import type { RunHeader } from "~/api/queries/run";
import { useText } from "~/i18n/text";
import { Facts } from "~/ui/Facts";
import { Moment } from "~/ui/Moment";
import { ValueList } from "../ValueList";
import styles from "./Views.module.css";

interface Props {
  run: RunHeader;
  /** Parameters with defaults filled in, as the root of the run took them in. */
  inputs: Record<string, unknown> | null;
}

/** What a run was started with. */
export function ConfigurationView({ run, inputs }: Props) {
  const text = useText();
  return (
    <div className={styles["page"]}>
      <h2 className="visually-hidden">{text.run.configuration}</h2>
      <ValueList title={text.run.parameters} values={{ parameters: inputs ?? run.parameters, artifacts: {} }} />
      <section className={styles["section"]}>
        <h3>{text.run.where}</h3>
        <Facts
          rows={[
            [text.common.experiment, <Experiment key="experiment" run={run} />],
            [text.common.pipeline, <Pipeline key="pipeline" run={run} />],
            [text.runs.by, <StartedBy key="by" run={run} />],
            [text.newRun.root, run.pipelineRoot ? <code key="root">{run.pipelineRoot}</code> : text.newRun.rootHint],
          ]}
        />
      </section>
      <section className={styles["section"]}>
        <h3>{text.run.how}</h3>
        <Facts
          rows={[
            [text.newRun.caching, run.caching ? text.newRun.on : text.newRun.off],
            [text.newRun.environment, run.environment || text.newRun.asServer],
            [text.run.account, run.serviceAccount || "–"],
            [text.run.id, <code key="id">{run.id}</code>],
            [text.common.description, run.description || "–"],
            [text.common.created, <Moment key="created" at={run.createdAt} />],
            [text.common.ended, <Moment key="ended" at={run.finishedAt} />],
          ]}
        />
      </section>
    </div>
  );
}

export function Experiment({ run }: { run: RunHeader }) {
  return (
    <Link to="/experiments/$experimentId" params={{ experimentId: run.experimentId }}>
      {run.experiment || run.experimentId}
    </Link>
  );
}

export function Pipeline({ run }: { run: RunHeader }) {
  const text = useText();
  const name = run.version ? `${run.pipeline} · ${run.version}` : run.pipeline;
  if (!run.pipelineId) return <span title={text.runs.inline}>{name}</span>;
  return (
    <Link
      to="/pipelines/$pipelineId"
      params={{ pipelineId: run.pipelineId }}
      search={run.versionId ? { version: run.versionId } : {}}
    >
      {name}
    </Link>
  );
}

export function StartedBy({ run }: { run: RunHeader }) {
  const text = useText();
  if (run.recurringId) return <span>{`${text.runs.schedule} ${run.recurring || run.recurringId}`}</span>;
  return <span>{run.creator || text.runs.manual}</span>;
}
