import { useCallback, useEffect, useMemo, useState } from "react";
import type { Graph } from "./graph";
import { layOut } from "./layout";
import { allPlaces, type Places, placeOfNew, type Sizes } from "./places";
import { sizesOf } from "./sizes";

/**
 * The places of a graph's nodes: as chosen, else as computed. At first, unless all are chosen, and with each `tidy` the whole
 * graph is laid out; in between, nodes stay where they are and new ones get a place beside the node that leads to them.
 */
export function useLayout(graph: Graph, chosen: Places): { places: Places; sizes: Sizes; tidy(): void } {
  const sizes = useMemo(() => sizesOf(graph.nodes), [graph]);
  const [computed, setComputed] = useState<Places>(() =>
    graph.nodes.every(({ id }) => chosen[id]) ? chosen : layOut(graph, sizes),
  );
  const tidy = useCallback(() => setComputed(layOut(graph, sizes)), [graph, sizes]);

  const places = useMemo(() => {
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
    if (places.complete !== computed) setComputed(places.complete);
  }, [places, computed]);
  return { places: places.all, sizes, tidy };
}
