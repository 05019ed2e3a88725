import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, unwrapWithEtag } from "../../api/client";
import { ApiProblem } from "../../api/problems";
import { type Places, samePlaces } from "./places";

const QUIET_MS = 1_000; // a burst of moves is saved once

export interface StoredLayout {
  places: Places;
  /** Null before the first is stored. */
  etag: string | null;
}

/** Where people put the nodes of a flow, as it is stored. Read once for each visit of the editor. */
export function useStoredLayout(flow: string) {
  return useQuery({
    queryKey: ["layout", flow],
    queryFn: () => readLayout(flow),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Store the places whenever they have changed. A failure loses no work, so it is tried again at the next move. */
export function useLayoutSaving(flow: string, places: Places, stored: StoredLayout, maySave: boolean): void {
  const last = useRef(stored);
  const saving = useRef<Promise<void>>(Promise.resolve());
  const newest = useRef(places);
  newest.current = places;
  useEffect(() => {
    if (!maySave || samePlaces(places, last.current.places)) return;
    const save = () => {
      saving.current = saving.current
        .then(async () => {
          if (samePlaces(newest.current, last.current.places)) return;
          last.current = await storeLayout(flow, newest.current, last.current);
        })
        .catch(() => undefined);
    };
    const timer = setTimeout(save, QUIET_MS);
    return () => clearTimeout(timer);
  }, [flow, places, maySave]);
}

async function readLayout(flow: string): Promise<StoredLayout> {
  try {
    const { data, etag } = await unwrapWithEtag(api().GET("/flows/{flow}/layout", { params: { path: { flow } } }));
    return { places: data.nodes, etag };
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return { places: {}, etag: null };
    throw error;
  }
}

/** Store places. Where someone else moved nodes meanwhile, theirs stay but for the nodes that were moved here. */
async function storeLayout(flow: string, places: Places, seen: StoredLayout): Promise<StoredLayout> {
  try {
    return await putLayout(flow, places, seen.etag);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 412) throw error;
    const theirs = await readLayout(flow);
    await putLayout(flow, mergedPlaces(seen.places, places, theirs.places), theirs.etag);
    return { places, etag: (await readLayout(flow)).etag };
  }
}

/** Their places, with what was moved or forgotten here. */
export function mergedPlaces(seen: Places, mine: Places, theirs: Places): Places {
  const merged: Record<string, { x: number; y: number }> = { ...theirs };
  for (const id of new Set([...Object.keys(seen), ...Object.keys(mine)])) {
    const [before, now] = [seen[id], mine[id]];
    if (before?.x === now?.x && before?.y === now?.y) continue;
    if (now) merged[id] = now;
    else delete merged[id];
  }
  return merged;
}

async function putLayout(flow: string, places: Places, etag: string | null): Promise<StoredLayout> {
  const header = etag === null ? { "If-None-Match": "*" } : { "If-Match": etag };
  const { etag: next } = await unwrapWithEtag(
    api().PUT("/flows/{flow}/layout", { params: { path: { flow }, header }, body: { nodes: { ...places } } }),
  );
  return { places, etag: next };
}
