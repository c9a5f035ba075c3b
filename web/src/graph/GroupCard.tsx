import { Handle, type NodeProps, Position } from "@xyflow/react";
import { StateMark } from "~/states/StateMark";
import { Icon } from "~/ui/Icon";
import styles from "./Card.module.css";
import type { CardData } from "./GraphView";
import { IterationBar } from "./IterationBar";
import { worst } from "./model";
import { about } from "./words";

/** An open group: its heading over what is inside. */
export function GroupCard({ data, selected }: NodeProps & { data: CardData }) {
  const { node, onFold } = data;
  const known = Object.keys(node.counts).length > 0;
  const note = about(node);
  return (
    <div className={styles["group"]} data-selected={selected} data-state={known ? worst(node.counts) : undefined}>
      <Handle type="target" position={Position.Top} className={styles["handle"] ?? ""} />
      <div className={styles["head"]}>
        {known ? <StateMark state={worst(node.counts)} /> : null}
        <span className={styles["words"]}>
          <span className={styles["name"]}>{node.name}</span>
          {note ? <span className={styles["note"]}>{note}</span> : null}
        </span>
        <button
          type="button"
          className={styles["fold"]}
          aria-label={node.name}
          aria-expanded
          onClick={(event) => {
            event.stopPropagation();
            onFold();
          }}
        >
          <Icon name="dash" size={13} />
        </button>
        <IterationBar counts={node.counts} />
      </div>
      <Handle type="source" position={Position.Bottom} className={styles["handle"] ?? ""} />
    </div>
  );
}
