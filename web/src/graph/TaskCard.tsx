import { Handle, type NodeProps, Position } from "@xyflow/react";
import { StateMark } from "~/states/StateMark";
import { Icon } from "~/ui/Icon";
import styles from "./Card.module.css";
import type { CardData } from "./GraphView";
import { IterationBar } from "./IterationBar";
import { worst } from "./model";
import { about } from "./words";

/** A task, or a folded group. */
export function TaskCard({ data, selected }: NodeProps & { data: CardData }) {
  const { node, onFold } = data;
  const known = Object.keys(node.counts).length > 0;
  const note = about(node);
  return (
    <div className={styles["card"]} data-selected={selected} data-state={known ? worst(node.counts) : undefined}>
      <Handle type="target" position={Position.Top} className={styles["handle"] ?? ""} />
      {known ? <StateMark state={worst(node.counts)} /> : null}
      <span className={styles["words"]}>
        <span className={styles["name"]}>{node.name}</span>
        {note ? <span className={styles["note"]}>{note}</span> : null}
      </span>
      {node.foldable ? (
        <button
          type="button"
          className={styles["fold"]}
          aria-label={node.name}
          aria-expanded={false}
          onClick={(event) => {
            event.stopPropagation();
            onFold();
          }}
        >
          <Icon name="plus" size={13} />
        </button>
      ) : null}
      <IterationBar counts={node.counts} />
      <Handle type="source" position={Position.Bottom} className={styles["handle"] ?? ""} />
    </div>
  );
}
