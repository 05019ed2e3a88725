/** Lays a graph out from left to right: the start first, each node right of those that lead to it. */

import { type Graph, grouped } from "./graph";
import { GAP, type Place, type Places, type Size, type Sizes } from "./places";

type Box = Size & { id: string };

interface Edge {
  from: string;
  to: string;
}

/** Takes about a millisecond for the largest flow. What the start does not reach is laid out below the rest. */
export function layOut(graph: Graph, sizes: Sizes): Places {
  const apart = new Set(graph.unreachable);
  const box = (id: string): Box => ({ id, ...(sizes.get(id) as Size) });
  // Edges that lead back are turned round, so that the others lead from left to right.
  const edges = graph.edges
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, back }) => (back ? { from: to, to: from } : { from, to }));
  const reached = layOutPart(
    graph.order.map(box),
    edges.filter(({ from, to }) => !apart.has(from) && !apart.has(to)),
  );
  const others = layOutPart(
    graph.unreachable.map(box),
    edges.filter(({ from, to }) => apart.has(from) && apart.has(to)),
  );
  const bottoms = Object.entries(reached).map(([id, { y }]) => y + (sizes.get(id)?.height ?? 0));
  const top = bottoms.length > 0 ? Math.max(...bottoms) + 2 * GAP.y : 0;
  const below = Object.entries(others).map(([id, { x, y }]) => [id, { x, y: y + top }]);
  return { ...reached, ...Object.fromEntries(below) };
}

/**
 * In each column the nodes are stacked in the order in which a customer may meet them: so the way on is a straight line at the
 * top, and what a later exit leads to is below what an earlier one leads to. `boxes` are in that order.
 */
function layOutPart(boxes: Box[], edges: Edge[]): Record<string, Place> {
  const columns = columnsOf(boxes, edges);
  const lefts = leftsOf(boxes, columns);
  const incoming = grouped(edges, "to");
  const free = new Map<number, number>(); // where each column is free from
  const places: Record<string, Place> = {};
  for (const { id, height } of boxes) {
    const column = columns.get(id) as number;
    const before = incoming.get(id)?.find(({ from }) => places[from])?.from;
    let y = Math.max(free.get(column) ?? 0, (before !== undefined && places[before]?.y) || 0);
    // A long line runs below the cards that lie between.
    const first = (before !== undefined && columns.get(before)) || 0;
    for (let between = first + 1; between < column; between += 1) y = Math.max(y, free.get(between) ?? 0);
    places[id] = { x: lefts[column] ?? 0, y };
    free.set(column, y + height + GAP.y);
  }
  return places;
}

/**
 * The column of each node: one right of the last of those that lead to it. The columns before a node are complete when all
 * of them have theirs, for no edge leads back.
 */
function columnsOf(boxes: Box[], edges: Edge[]): Map<string, number> {
  const outgoing = grouped(edges, "from");
  const awaited = new Map(boxes.map(({ id }) => [id, 0]));
  for (const { to } of edges) awaited.set(to, (awaited.get(to) ?? 0) + 1);
  const columns = new Map<string, number>();
  const complete = boxes.map(({ id }) => id).filter((id) => awaited.get(id) === 0);
  for (const id of complete) columns.set(id, 0);
  for (const id of complete) {
    const next = (columns.get(id) ?? 0) + 1;
    for (const { to } of outgoing.get(id) ?? []) {
      columns.set(to, Math.max(columns.get(to) ?? 0, next));
      const left = (awaited.get(to) ?? 0) - 1;
      awaited.set(to, left);
      if (left === 0) complete.push(to);
    }
  }
  return columns;
}

/** Where each column begins: each is as wide as its widest node. */
function leftsOf(boxes: Box[], columns: ReadonlyMap<string, number>): number[] {
  const widths: number[] = [];
  for (const { id, width } of boxes) {
    const column = columns.get(id) ?? 0;
    widths[column] = Math.max(widths[column] ?? 0, width);
  }
  let left = 0;
  return widths.map((width) => {
    const here = left;
    left += width + GAP.x;
    return here;
  });
}
