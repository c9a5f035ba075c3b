import { Handle, type NodeProps, Position } from "@xyflow/react";
import type { ReactNode } from "react";
import { taskState } from "~/api/queries/run";
import { bytes } from "~/format/bytes";
import { type Counts, worst } from "~/graph/model";
import { useText } from "~/i18n/text";
import { ArtifactIcon, typeName } from "~/preview/ArtifactIcon";
import { StateMark } from "~/states/StateMark";
import styles from "./cards.module.css";
import type { LineageNode } from "./model";

export interface CardData extends Record<string, unknown> {
  node: LineageNode;
  /** Whether the lineage is of this one. */
  start: boolean;
  chosen: boolean;
  /** Whether it has nothing to do with the chosen one. */
  dim: boolean;
}

type Props = NodeProps & { data: CardData };

export function ArtifactCard({ data }: Props) {
  const text = useText();
  const { node, start } = data;
  if (node.kind !== "artifact") return null;
  const { name, type, size } = node.artifact;
  const note = [start ? text.lineage.here : "", typeName(type), size === null ? "" : bytes(size)];
  return (
    <Card data={data} name={name} note={note.filter(Boolean).join(" · ")}>
      <span className={styles["icon"]}>
        <ArtifactIcon type={type} size={17} />
      </span>
    </Card>
  );
}

export function TaskCard({ data }: Props) {
  const { node } = data;
  if (node.kind !== "task") return null;
  return (
    <Card
      data={data}
      name={node.task.display_name}
      note={[node.task.run_name, iteration(node.task.node)].filter(Boolean).join(" · ")}
    >
      <StateMark state={taskState(node.task)} />
    </Card>
  );
}

export function TasksCard({ data }: Props) {
  const text = useText();
  const { node } = data;
  if (node.kind !== "tasks") return null;
  const counts: Counts = {};
  for (const task of node.tasks) counts[taskState(task)] = (counts[taskState(task)] ?? 0) + 1;
  return (
    <Card data={data} name={text.lineage.group(node.name, node.tasks.length)} note={text.lineage.sameInputs}>
      <StateMark state={worst(counts)} />
    </Card>
  );
}

/** Which of a loop's iterations a task is of, as its path has it. */
function iteration(path: string): string {
  return path.match(/\[\d+\]/g)?.join("") ?? "";
}

interface CardProps {
  data: CardData;
  name: string;
  note: string;
  children: ReactNode;
}

/** A button, since a click on the node around it is the same; so the keyboard reaches it. */
function Card({ data: { node, start, chosen, dim }, name, note, children }: CardProps) {
  return (
    <button
      type="button"
      className={styles["card"]}
      data-kind={node.kind}
      data-start={start}
      data-chosen={chosen}
      data-dim={dim}
      aria-pressed={chosen}
    >
      <Handle type="target" position={Position.Left} className={styles["handle"] ?? ""} />
      {children}
      <span className={styles["words"]}>
        <span className={styles["name"]}>{name}</span>
        <span className={styles["note"]}>{note}</span>
      </span>
      <Handle type="source" position={Position.Right} className={styles["handle"] ?? ""} />
    </button>
  );
}
