import { Background, Controls, type Edge, MarkerType, type Node, type NodeTypes, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Outline, Place, Placed } from "~/graph/layout";
import { useLayout } from "~/graph/useLayout";
import { useText } from "~/i18n/text";
import frame from "../graph/GraphView.module.css";
import { ArtifactCard, type CardData, TaskCard, TasksCard } from "./cards";
import styles from "./LineageView.module.css";
import { kinOf, type LineageGraph, type LineageNode } from "./model";

interface Props {
  graph: LineageGraph;
  /** The artifact that the lineage is of. */
  start: string;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

interface View {
  fitView: (options: { maxZoom: number; padding: number }) => unknown;
  setCenter: (x: number, y: number, options: { zoom: number }) => unknown;
}

const NODE_TYPES: NodeTypes = { artifact: ArtifactCard, task: TaskCard, tasks: TasksCard };
const WIDTH = 200;
const HEIGHT = 48;
/** Smaller than this nobody can read: then the view begins at the artifact itself. */
const READABLE = 0.6;
const LARGE = 0.8;

/** A lineage from left to right. What belongs to the chosen node stands out. */
export function LineageCanvas({ graph, start, chosen, onChoose }: Props) {
  const text = useText();
  const outline = useMemo(() => outlineOf(graph), [graph]);
  const placed = useLayout(outline);
  const [view, setView] = useState<View | null>(null);
  const canvas = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const here = placed?.places[start];
    const box = canvas.current?.getBoundingClientRect();
    if (view === null || placed === null || here === undefined || box === undefined) return;
    const fits = Math.min(box.width / placed.width, box.height / placed.height);
    const moving = requestAnimationFrame(() => {
      if (fits >= READABLE) void view.fitView({ maxZoom: 1, padding: 0.08 });
      else void view.setCenter(centre(here, placed.width, box.width), here.y + here.height / 2, { zoom: LARGE });
    });
    return () => cancelAnimationFrame(moving);
  }, [view, placed, start]);
  const kin = useMemo(() => (chosen === undefined ? null : kinOf(graph.edges, chosen)), [graph, chosen]);
  if (placed === null) return <p className={styles["waiting"]}>{text.common.loading}</p>;
  return (
    <div ref={canvas} className={`${frame["frame"]} ${styles["canvas"]}`}>
      <ReactFlow
        nodes={nodesOf(graph, placed, start, chosen, kin)}
        edges={edgesOf(graph, kin)}
        nodeTypes={NODE_TYPES}
        onInit={setView}
        onNodeClick={(_, node) => onChoose(node.id)}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        minZoom={0.1}
        maxZoom={1.6}
        proOptions={{ hideAttribution: true }}
        aria-label={text.lineage.label}
      >
        <Background gap={22} size={1} color="var(--border)" />
        <Controls showInteractive={false} className={frame["controls"] ?? ""} />
      </ReactFlow>
    </div>
  );
}

/** The middle of the view, if the artifact stands as far to the right in it as it does in the whole graph. */
function centre(here: Place, whole: number, box: number): number {
  const middle = here.x + here.width / 2;
  const share = Math.min(0.85, Math.max(0.15, middle / whole));
  return middle + ((0.5 - share) * box) / LARGE;
}

function outlineOf(graph: LineageGraph): Outline {
  return {
    flow: "right",
    nodes: graph.nodes.map(({ id }) => ({ path: id, width: WIDTH, height: HEIGHT, inside: null })),
    edges: graph.edges.map(({ source, target }) => ({ from: source, to: target })),
  };
}

function nodesOf(
  graph: LineageGraph,
  placed: Placed,
  start: string,
  chosen: string | undefined,
  kin: ReadonlySet<string> | null,
): Node<CardData>[] {
  const place = (node: LineageNode) => placed.places[node.id];
  return (
    graph.nodes
      .flatMap((node) => {
        const at = place(node);
        return at ? [{ node, at }] : [];
      })
      // The keyboard goes through them as the eye does.
      .sort((one, other) => one.at.x - other.at.x || one.at.y - other.at.y)
      .map(({ node, at }) => ({
        id: node.id,
        type: node.kind,
        position: { x: at.x, y: at.y },
        width: at.width,
        height: at.height,
        data: { node, start: node.id === start, chosen: node.id === chosen, dim: kin !== null && !kin.has(node.id) },
      }))
  );
}

function edgesOf(graph: LineageGraph, kin: ReadonlySet<string> | null): Edge[] {
  return graph.edges.map(({ source, target, reused }) => {
    const dim = kin !== null && !(kin.has(source) && kin.has(target));
    const colour = reused ? "var(--cached-fill)" : "var(--text-3)";
    return {
      id: `${source} ${target}`,
      source,
      target,
      className: [reused ? "reused" : "", dim ? "dim" : ""].join(" "),
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: colour },
    };
  });
}
