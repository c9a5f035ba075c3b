/** Places the nodes of nested graphs. Pure; runs in a worker, since large graphs take long. */
import dagre from "@dagrejs/dagre";

/** What a layout needs of a graph: sizes and edges, no content. */
export interface Shape {
  path: string;
  width: number;
  /** One line of a card, where nothing is said. */
  height?: number;
  inside: Outline | null;
}

export interface Outline {
  /** From top to bottom, where nothing is said. */
  flow?: "down" | "right";
  nodes: Shape[];
  edges: { from: string; to: string }[];
}

export interface Place {
  /** Relative to the group around it. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Placed {
  places: Record<string, Place>;
  width: number;
  height: number;
}

export const NODE_HEIGHT = 46;
export const GROUP_HEAD = 40;
const PADDING = 16;
const DOWN = { rankdir: "TB", nodesep: 28, ranksep: 44 } as const;
const RIGHT = { rankdir: "LR", nodesep: 18, ranksep: 52 } as const;

/** Lay out in the direction of the edges; a group is as large as what is inside. */
export function layOut(outline: Outline): Placed {
  const places: Record<string, Place> = {};
  const size = placeLevel(outline, places, 0);
  return { places, ...size };
}

function placeLevel(outline: Outline, places: Record<string, Place>, head: number): { width: number; height: number } {
  const graph = new dagre.graphlib.Graph();
  const way = outline.flow === "right" ? RIGHT : DOWN;
  graph.setGraph({ ...way, marginx: PADDING, marginy: PADDING });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of outline.nodes) {
    const inner = node.inside
      ? placeLevel(node.inside, places, GROUP_HEAD)
      : { width: 0, height: node.height ?? NODE_HEIGHT };
    graph.setNode(node.path, { width: Math.max(node.width, inner.width), height: inner.height });
  }
  for (const edge of outline.edges) graph.setEdge(edge.from, edge.to);
  dagre.layout(graph);
  for (const node of outline.nodes) {
    const { x, y, width, height } = graph.node(node.path);
    places[node.path] = { x: x - width / 2, y: y - height / 2 + head, width, height };
  }
  const { width = 0, height = 0 } = graph.graph();
  return { width, height: height + head };
}
