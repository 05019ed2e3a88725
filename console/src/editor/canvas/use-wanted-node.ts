import { useReactFlow } from "@xyflow/react";
import { useEffect, useState } from "react";
import type { Places, Sizes } from "./places";

interface Wanted {
  node: string;
  focus: boolean;
}

/** Brings a node into view, and gives it the focus, as soon as it has a place and is drawn. */
export function useWantedNode(places: Places, sizes: Sizes, frame: HTMLElement): (wanted: Wanted) => void {
  const flow = useReactFlow();
  const [wanted, want] = useState<Wanted | null>(null);
  useEffect(() => {
    const place = wanted === null ? undefined : places[wanted.node];
    if (wanted === null || !place) return;
    const card = frame.querySelector<HTMLElement>(`[data-id="${CSS.escape(wanted.node)}"].react-flow__node`);
    if (!card) {
      const again = requestAnimationFrame(() => want({ ...wanted }));
      return () => cancelAnimationFrame(again);
    }
    const size = sizes.get(wanted.node) ?? { width: 0, height: 0 };
    const { x, y, zoom } = flow.getViewport();
    const [left, top] = [place.x * zoom + x, place.y * zoom + y];
    const isVisible =
      left >= 0 &&
      top >= 0 &&
      left + size.width * zoom <= frame.clientWidth &&
      top + size.height * zoom <= frame.clientHeight;
    if (!isVisible) void flow.setCenter(place.x + size.width / 2, place.y + size.height / 2, { zoom });
    if (wanted.focus) card.focus({ preventScroll: true });
    want(null);
  }, [wanted, places, sizes, frame, flow]);
  return want;
}
