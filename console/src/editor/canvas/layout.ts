/** Lays a graph out from left to right: the start first, each node right of those that lead to it. */

import dagre from "@dagrejs/dagre";
import type { Graph } from "./graph";
import { GAP, type Place, type Places, type Size } from "./places";

/** What the layout needs of a graph; plain data, since it is sent to a worker. */
export interface LayoutTask {
  /** In the order in which a customer may meet them. */
  boxes: (Size & { id: string })[];
  edges: { from: string; to: string }[];
  /** Laid out below the others. */
  apart: (Size & { id: string })[];
  apartEdges: { from: string; to: string }[];
}

export function layoutTask(graph: Graph, sizes: ReadonlyMap<string, Size>): LayoutTask {
  const apart = new Set(graph.unreachable);
  const box = (id: string) => ({ id, ...(sizes.get(id) as Size) });
  const drawn = graph.edges
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, back }) => (back ? { from: to, to: from } : { from, to }));
  return {
    boxes: graph.order.map(box),
    edges: drawn.filter(({ from, to }) => !apart.has(from) && !apart.has(to)),
    apart: graph.unreachable.map(box),
    apartEdges: drawn.filter(({ from, to }) => apart.has(from) && apart.has(to)),
  };
}

export function layOut(task: LayoutTask): Places {
  const reached = layOutPart(task.boxes, task.edges);
  const others = layOutPart(task.apart, task.apartEdges);
  const heights = new Map(task.boxes.map(({ id, height }) => [id, height]));
  const bottom = Math.max(...Object.entries(reached).map(([id, { y }]) => y + (heights.get(id) ?? 0)), -2 * GAP.y);
  const below = Object.entries(others).map(([id, { x, y }]) => [id, { x, y: y + bottom + 2 * GAP.y }]);
  return { ...reached, ...Object.fromEntries(below) };
}

function layOutPart(boxes: LayoutTask["boxes"], edges: LayoutTask["edges"]): Record<string, Place> {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: GAP.y, ranksep: GAP.x, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [at, { from, to }] of edges.entries()) graph.setEdge(from, to, {}, String(at));
  dagre.layout(graph);
  const corners = boxes.map(({ id, width, height }) => {
    const { x, y } = graph.node(id) as Place;
    return { id, x: x - width / 2, y: y - height / 2 };
  });
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  return Object.fromEntries(corners.map(({ id, x, y }) => [id, { x: Math.round(x - left), y: Math.round(y - top) }]));
}
