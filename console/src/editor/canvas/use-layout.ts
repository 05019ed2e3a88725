import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Graph } from "./graph";
import { type LayoutTask, layoutTask } from "./layout";
import { allPlaces, type Places, placeOfNew, type Sizes } from "./places";
import { sizesOf } from "./sizes";

/**
 * The places of a graph's nodes: as chosen, else as computed. The first computation, which is left out where all are chosen,
 * and each `tidy`, lay out the whole graph in a worker; in between, nodes stay where they are and new ones get a place beside
 * the node that leads to them.
 */
export function useLayout(graph: Graph, chosen: Places): { places: Places | null; sizes: Sizes; tidy(): void } {
  const [computed, setComputed] = useState<Places | null>(() =>
    graph.nodes.every(({ id }) => chosen[id]) ? chosen : null,
  );
  const sizes = useMemo(() => sizesOf(graph.nodes), [graph]);
  const inWorker = useLayoutWorker(setComputed);
  const tidy = useCallback(() => inWorker(layoutTask(graph, sizes)), [graph, sizes, inWorker]);

  const isFirst = computed === null;
  useEffect(() => {
    if (isFirst) tidy();
  }, [isFirst, tidy]);

  const places = useMemo(() => {
    if (!computed) return null;
    let complete = computed;
    for (const { id } of graph.nodes) {
      const size = sizes.get(id);
      if (complete[id] || chosen[id] || !size) continue;
      const before = graph.edges.find((edge) => edge.to === id && edge.from !== id)?.from;
      complete = { ...complete, [id]: placeOfNew(size, before, allPlaces(chosen, complete, sizes), sizes) };
    }
    return { complete, all: allPlaces(chosen, complete, sizes) };
  }, [computed, graph, chosen, sizes]);

  useEffect(() => {
    if (places && places.complete !== computed) setComputed(places.complete);
  }, [places, computed]);
  return { places: places?.all ?? null, sizes, tidy };
}

function useLayoutWorker(onPlaces: (places: Places) => void): (task: LayoutTask) => void {
  const worker = useRef<Worker | null>(null);
  const newest = useRef(0);
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = null;
    },
    [],
  );
  return useCallback(
    (task) => {
      worker.current ??= new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
      newest.current += 1;
      worker.current.onmessage = ({ data }: MessageEvent<{ id: number; places: Places }>) => {
        if (data.id === newest.current) onPlaces(data.places);
      };
      worker.current.postMessage({ id: newest.current, task });
    },
    [onPlaces],
  );
}
