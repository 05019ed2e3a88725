import { useEffect, useMemo, useState } from "react";
import type { Graph } from "./graph";
import type { Places, Size, Sizes } from "./places";

/** So many cards are drawn at once: few enough that the canvas answers in between. */
export const PORTION = 40;

interface View {
  x: number;
  y: number;
  zoom: number;
}

/**
 * The cards that wait to be drawn. The first drawing has those in view and those that their lines lead to; the others follow
 * portion by portion, so that a large flow is seen and can be used early. Only the first view counts.
 */
export function useWaitingCards(
  graph: Graph,
  places: Places,
  sizes: Sizes,
  view: View,
  canvas: Size,
): ReadonlySet<string> {
  const [{ order, first }] = useState(() => drawingOrder(graph, places, sizes, view, canvas));
  const [drawn, setDrawn] = useState(Math.max(first, PORTION));
  useEffect(() => {
    if (drawn >= order.length) return;
    let timer = 0;
    // Not before the last portion is painted.
    const frame = requestAnimationFrame(() => {
      timer = window.setTimeout(() => setDrawn(drawn + PORTION));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [drawn, order]);
  return useMemo(() => new Set(order.slice(drawn)), [order, drawn]);
}

/** All nodes, those to draw first at the beginning, and how many those are. */
export function drawingOrder(
  graph: Graph,
  places: Places,
  sizes: Sizes,
  view: View,
  canvas: Size,
): { order: string[]; first: number } {
  const inView = new Set(
    graph.nodes.map(({ id }) => id).filter((id) => isInView(places[id], sizes.get(id), view, canvas)),
  );
  const beside = graph.edges.flatMap(({ from, to }) => (inView.has(from) ? [to] : inView.has(to) ? [from] : []));
  const first = new Set([...inView, ...beside]);
  return { order: [...new Set([...first, ...graph.order, ...graph.unreachable])], first: first.size };
}

function isInView(place: { x: number; y: number } | undefined, size: Size | undefined, view: View, canvas: Size) {
  if (!place || !size) return false;
  const [left, top] = [place.x * view.zoom + view.x, place.y * view.zoom + view.y];
  return (
    left < canvas.width && top < canvas.height && left + size.width * view.zoom > 0 && top + size.height * view.zoom > 0
  );
}
