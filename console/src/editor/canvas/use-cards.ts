import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { allPages, api } from "../../api/client";
import { cardWords } from "./card-words";
import type { Graph } from "./graph";
import type { Marks } from "./marks";
import type { CardData, CardNode } from "./node-card";
import type { Places, Sizes } from "./places";

const THUMBNAILS_MS = 10 * 60_000; // their addresses are valid for 15 minutes

/** The cards of a graph. A card that says the same as before has the same data, so that it is not drawn anew. */
export function useCards(shown: {
  graph: Graph;
  places: Places;
  sizes: Sizes;
  problems: ReadonlyMap<string, number> | undefined;
  marks: Marks | undefined;
  selection: readonly string[];
  readOnly: boolean;
}): CardNode[] {
  const { graph, places, sizes, problems, marks, selection, readOnly } = shown;
  const known = useRef(new Map<string, CardData>());
  const thumbnails = useThumbnails(graph);
  const calls = useCalls(graph);
  return useMemo(() => {
    const selected = new Set(selection);
    const tabStop = selection.at(-1) ?? graph.order[0] ?? graph.nodes[0]?.id;
    return graph.nodes.map((node) => {
      const { asset, integration } = node.card;
      const made: CardData = {
        node,
        problems: problems?.get(node.id) ?? 0,
        mark: marks?.nodes.get(node.id) ?? null,
        thumbnail: (asset && thumbnails?.get(asset)) || null,
        call: (integration && calls?.get(integration)) || null,
        readOnly,
      };
      const old = known.current.get(node.id);
      const data = old && same(old, made) ? old : made;
      known.current.set(node.id, data);
      const size = sizes.get(node.id);
      return {
        id: node.id,
        type: "card" as const,
        position: places[node.id] ?? { x: 0, y: 0 },
        ...(size ? { initialWidth: size.width, initialHeight: size.height } : {}),
        selected: selected.has(node.id),
        data,
        ariaLabel: cardWords(node, data.problems, data.mark),
        domAttributes: {
          // One stop for the Tab key; the arrow keys lead to the other nodes.
          tabIndex: node.id === tabStop ? 0 : -1,
        },
      };
    });
  }, [graph, places, sizes, problems, marks, selection, readOnly, thumbnails, calls]);
}

function same(one: CardData, other: CardData): boolean {
  return Object.keys(one).every((key) => one[key] === other[key]);
}

/** The pictures of the assets that nodes send, by name. */
function useThumbnails(graph: Graph) {
  const isNeeded = graph.nodes.some((node) => node.card.asset);
  const { data } = useQuery({
    queryKey: ["assets"],
    queryFn: () => allPages((cursor) => api().GET("/assets", { params: { query: cursor ? { cursor } : {} } })),
    enabled: isNeeded,
    staleTime: THUMBNAILS_MS,
  });
  return useMemo(() => data && new Map(data.map((asset) => [asset.name, asset.thumbnail_url ?? null])), [data]);
}

/** What the integrations call, by name. */
function useCalls(graph: Graph) {
  const isNeeded = graph.nodes.some((node) => node.card.integration);
  const { data } = useQuery({
    queryKey: ["integrations"],
    queryFn: () => allPages((cursor) => api().GET("/integrations", { params: { query: cursor ? { cursor } : {} } })),
    enabled: isNeeded,
  });
  return useMemo(
    () => data && new Map(data.map(({ name, method, url }) => [name, `${method} ${hostOf(url)}`])),
    [data],
  );
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url.replace(/^https?:\/\//, "").split("/")[0] ?? url;
}
