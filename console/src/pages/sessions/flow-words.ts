import { queryOptions, useQueries } from "@tanstack/react-query";
import { useNodeTypes } from "../../editor/node-types-query";
import { parseFlow } from "../../flow-text/flow-text";
import { wordsOf } from "../../node-types/card";
import { readText } from "../flows/flow-requests";
import type { Turn } from "./transcript";

/**
 * What the nodes of a session's flows say, with variables as they are written in the flow; "" where that is not known. A
 * transcript has no texts of ours: they follow from the flow's version.
 */
export function useFlowWords(turns: readonly Turn[]): (turn: Turn, node: string) => string {
  const types = useNodeTypes().data ?? [];
  const versions = [...new Set(turns.filter((turn) => turn.flow && turn.version > 0).map(keyOf))];
  const texts = useQueries({
    queries: versions.map((key) => {
      const at = key.lastIndexOf("/");
      return flowVersionQuery(key.slice(0, at), Number(key.slice(at + 1)));
    }),
  });
  const flows = new Map(versions.map((key, index) => [key, texts[index]?.data ?? null]));
  return (turn, id) => {
    const node = flows.get(keyOf(turn))?.nodes.find((each) => each.id === id);
    return node ? wordsOf(types, node) : "";
  };
}

/** A version of a flow; null if its text cannot be read. */
export function flowVersionQuery(flow: string, version: number) {
  return queryOptions({
    queryKey: ["flow-of-version", flow, version],
    queryFn: async () => parseFlow(await readText(flow, version)).flow,
    staleTime: Number.POSITIVE_INFINITY, // a version never changes
    retry: false,
  });
}

function keyOf(turn: Turn): string {
  return `${turn.flow}/${turn.version}`;
}
