import { Background, Controls, type Edge, MarkerType, type Node, type NodeTypes, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useMemo, useState } from "react";
import type { Task } from "~/api/queries/run";
import { useText } from "~/i18n/text";
import styles from "./GraphView.module.css";
import { GroupCard } from "./GroupCard";
import type { Outline, Placed } from "./layout";
import { type Graph, type GraphNode, graphOf, type Structure } from "./model";
import { TaskCard } from "./TaskCard";
import { useLayout } from "./useLayout";
import { about } from "./words";

export interface CardData extends Record<string, unknown> {
  node: GraphNode;
  open: boolean;
  onFold: () => void;
}

const NODE_TYPES: NodeTypes = { task: TaskCard, frame: GroupCard };
const NO_TASKS: readonly Task[] = [];
const FEW = 40;

interface Props {
  structure: Structure;
  /** The nodes of a run; none for a pipeline alone. */
  tasks?: readonly Task[];
  /** The path of the chosen task, without iterations. */
  selected?: string | undefined;
  onSelect?: (node: GraphNode) => void;
}

/** The graph of a pipeline. Groups open and fold; small pipelines begin with all of them open. */
export function GraphView({ structure, tasks = NO_TASKS, selected, onSelect }: Props) {
  const text = useText();
  const small = useMemo(() => Object.values(structure.graphs).flat().length <= FEW, [structure]);
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const isOpen = (path: string) => small !== turned.has(path);
  const graph = graphOf(structure, tasks, isOpen);
  const shape = JSON.stringify(outlineOf(graph));
  const outline = useMemo(() => JSON.parse(shape) as Outline, [shape]);
  const placed = useLayout(outline);
  const fold = (path: string) => {
    const next = new Set(turned);
    if (!next.delete(path)) next.add(path);
    setTurned(next);
  };
  if (placed === null) return <p className={styles["waiting"]}>{text.common.loading}</p>;
  const { nodes, edges } = elements(graph, placed, selected, isOpen, fold);
  return (
    <div className={styles["frame"]}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodeClick={(_, node) => onSelect?.((node.data as CardData).node)}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        minZoom={0.1}
        maxZoom={1.6}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.12 }}
        onlyRenderVisibleElements
        proOptions={{ hideAttribution: true }}
        aria-label={text.run.graph}
      >
        <Background gap={22} size={1} color="var(--border)" />
        <Controls showInteractive={false} className={styles["controls"] ?? ""} />
      </ReactFlow>
    </div>
  );
}

function outlineOf(graph: Graph): Outline {
  return {
    nodes: graph.nodes.map((node) => ({
      path: node.path,
      width: Math.min(320, Math.max(160, 84 + node.name.length * 7.2, 84 + about(node).length * 5.6)),
      inside: node.inside ? outlineOf(node.inside) : null,
    })),
    edges: graph.edges.map(({ from, to }) => ({ from, to })),
  };
}

function elements(
  graph: Graph,
  placed: Placed,
  selected: string | undefined,
  isOpen: (path: string) => boolean,
  fold: (path: string) => void,
): { nodes: Node<CardData>[]; edges: Edge[] } {
  const nodes: Node<CardData>[] = [];
  const edges: Edge[] = [];
  const add = (some: Graph, parent: string | null) => {
    for (const node of some.nodes) {
      const place = placed.places[node.path];
      if (!place) continue;
      nodes.push({
        id: node.path,
        type: node.inside ? "frame" : "task",
        position: { x: place.x, y: place.y },
        width: place.width,
        height: place.height,
        selected: node.path === selected,
        data: { node, open: isOpen(node.path), onFold: () => fold(node.path) },
        ...(parent === null ? {} : { parentId: parent }),
      });
      if (node.inside) add(node.inside, node.path);
    }
    for (const edge of some.edges) {
      edges.push({
        id: `${edge.from} ${edge.to}`,
        source: edge.from,
        target: edge.to,
        zIndex: 1,
        className: edge.data.length > 0 ? (edge.artifact ? "artifact" : "data") : "order",
        markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--text-3)" },
      });
    }
  };
  add(graph, null);
  return { nodes, edges };
}
