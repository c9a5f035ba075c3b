import { Link } from "@tanstack/react-router";
import { taskState } from "~/api/queries/run";
import type { TaskBrief } from "~/api/queries/tasks";
import { bytes } from "~/format/bytes";
import { instant } from "~/format/time";
import { useText } from "~/i18n/text";
import { typeName } from "~/preview/ArtifactIcon";
import { StateMark } from "~/states/StateMark";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Elapsed } from "~/ui/Elapsed";
import { Facts } from "~/ui/Facts";
import { Moment } from "~/ui/Moment";
import styles from "./LineageView.module.css";
import type { Artifact, LineageNode } from "./model";

interface Props {
  node: LineageNode;
  /** The artifact that the lineage is of. */
  start: string;
  onClose: () => void;
  onUnfold: (id: string) => void;
}

/** The chosen node in words, and where to go from it. */
export function NodePanel({ node, start, onClose, onUnfold }: Props) {
  const text = useText();
  const name =
    node.kind === "artifact" ? node.artifact.name : node.kind === "task" ? node.task.display_name : node.name;
  return (
    <section className={styles["panel"]} aria-label={name}>
      <header className={styles["head"]}>
        <h2>{name}</h2>
        <Button look="plain" icon="cross" aria-label={text.lineage.closePanel} onClick={onClose} />
      </header>
      {node.kind === "artifact" ? <ArtifactWords artifact={node.artifact} start={start} /> : null}
      {node.kind === "task" ? <TaskWords task={node.task} /> : null}
      {node.kind === "tasks" ? (
        <>
          <p className={styles["counted"]}>{text.lineage.sameInputs}</p>
          <Button icon="graph" onClick={() => onUnfold(node.id)}>
            {text.lineage.unfold}
          </Button>
          <TaskList tasks={node.tasks} />
        </>
      ) : null}
    </section>
  );
}

function ArtifactWords({ artifact, start }: { artifact: Artifact; start: string }) {
  const text = useText();
  const params = { artifactId: artifact.artifact_id };
  return (
    <>
      <div className={styles["links"]}>
        <ButtonLink to="/artifacts/$artifactId" params={params} icon="artifacts">
          {text.lineage.open}
        </ButtonLink>
        {artifact.artifact_id === start ? null : (
          <ButtonLink to="/artifacts/$artifactId" params={params} search={{ tab: "lineage" }} icon="graph">
            {text.lineage.fromHere}
          </ButtonLink>
        )}
      </div>
      <Facts
        rows={[
          [text.artifacts.type, typeName(artifact.type)],
          [text.artifacts.size, artifact.size === null ? "–" : bytes(artifact.size)],
          [text.common.created, <Moment key="created" at={instant(artifact.created_at)} />],
          [text.artifacts.uri, <code key="uri">{artifact.uri}</code>],
        ]}
      />
    </>
  );
}

function TaskWords({ task }: { task: TaskBrief }) {
  const text = useText();
  const params = { runId: task.run_id };
  return (
    <>
      <StateMark state={taskState(task)} word />
      <div className={styles["links"]}>
        <ButtonLink to="/runs/$runId" params={params} search={{ task: task.node }} icon="runs">
          {text.lineage.openStep}
        </ButtonLink>
      </div>
      <Facts
        rows={[
          [
            text.artifacts.run,
            <Link key="run" to="/runs/$runId" params={params}>
              {task.run_name}
            </Link>,
          ],
          [text.executions.step, <code key="node">{task.node}</code>],
          [text.common.created, <Moment key="created" at={instant(task.created_at)} />],
          [text.common.duration, <Elapsed key="took" from={instant(task.started_at)} to={instant(task.ended_at)} />],
        ]}
      />
    </>
  );
}

function TaskList({ tasks }: { tasks: readonly TaskBrief[] }) {
  return (
    <ul className={styles["tasks"]}>
      {tasks.map((task) => (
        <li key={task.task_id}>
          <StateMark state={taskState(task)} />
          <Link to="/runs/$runId" params={{ runId: task.run_id }} search={{ task: task.node }}>
            {task.run_name}
          </Link>
          <span className={styles["when"]}>
            <Moment at={instant(task.created_at)} />
          </span>
        </li>
      ))}
    </ul>
  );
}
