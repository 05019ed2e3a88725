/** Lays a graph out from left to right: the start first, each node right of those that lead to it. */

import dagre from "@dagrejs/dagre";
import { type Graph, grouped } from "./graph";
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
  const bottoms = Object.entries(reached).map(([id, { y }]) => y + (heights.get(id) ?? 0));
  const top = bottoms.length > 0 ? Math.max(...bottoms) + 2 * GAP.y : 0;
  const below = Object.entries(others).map(([id, { x, y }]) => [id, { x, y: y + top }]);
  return { ...reached, ...Object.fromEntries(below) };
}

/**
 * Dagre finds the columns. In each column the nodes are stacked in the order in which a customer may meet them: so the way on
 * is a straight line at the top, and what a later exit leads to is below what an earlier one leads to.
 */
function layOutPart(boxes: LayoutTask["boxes"], edges: LayoutTask["edges"]): Record<string, Place> {
  const columns = columnsOf(boxes, edges);
  const incoming = grouped(edges, "to");
  const free = new Map<number, number>(); // where each column is free from
  const places: Record<string, Place> = {};
  for (const { id, height } of boxes) {
    const { column, x } = columns.get(id) as { column: number; x: number };
    const before = incoming.get(id)?.find(({ from }) => places[from])?.from;
    let y = Math.max(free.get(column) ?? 0, (before !== undefined && places[before]?.y) || 0);
    // A long line runs below the cards that lie between.
    const first = (before !== undefined && columns.get(before)?.column) || 0;
    for (let between = first + 1; between < column; between += 1) y = Math.max(y, free.get(between) ?? 0);
    places[id] = { x, y };
    free.set(column, y + height + GAP.y);
  }
  return places;
}

function columnsOf(boxes: LayoutTask["boxes"], edges: LayoutTask["edges"]): Map<string, { column: number; x: number }> {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", ranksep: GAP.x });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [at, { from, to }] of edges.entries()) graph.setEdge(from, to, {}, String(at));
  // Only the columns count, so that the order within them, which takes most of the time, need not be improved.
  dagre.layout(graph, { disableOptimalOrderHeuristic: true });
  const middles = [...new Set(boxes.map(({ id }) => graph.node(id).x))].sort((one, other) => one - other);
  const lefts = middles.map((middle) =>
    Math.min(...boxes.filter(({ id }) => graph.node(id).x === middle).map(({ width }) => middle - width / 2)),
  );
  return new Map(
    boxes.map(({ id }) => {
      const column = middles.indexOf(graph.node(id).x);
      return [id, { column, x: Math.round((lefts[column] ?? 0) - (lefts[0] ?? 0)) }];
    }),
  );
}
