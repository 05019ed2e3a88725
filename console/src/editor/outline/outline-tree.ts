/** A flow as a tree of nodes and exits, for the outline. */

import type { Exit } from "../../node-types/exits";
import type { Graph } from "../canvas/graph";

export interface OutlineItem {
  node: string;
  exits: OutlineExit[];
}

export interface OutlineExit {
  exit: Exit;
  /** The nodes that are shown below this exit: where it leads for the first time. Empty where the outline shows them elsewhere. */
  below: OutlineItem[];
}

export interface Outline {
  /** From the start. A node with one new way on is followed by the next on the same level, so that a chain is a plain list. */
  items: OutlineItem[];
  apart: OutlineItem[];
}

export function outlineOf(graph: Graph): Outline {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const shown = new Set<string>();

  // Without recursion along a chain: a flow may be one chain of 200 nodes.
  const sequence = (first: string): OutlineItem[] => {
    const items: OutlineItem[] = [];
    let next: string | null = first;
    while (next !== null) {
      const id: string = next;
      next = null;
      shown.add(id);
      const item: OutlineItem = { node: id, exits: (nodes.get(id)?.exits ?? []).map((exit) => ({ exit, below: [] })) };
      items.push(item);
      const fresh = newTargets(item);
      const [only] = fresh;
      if (fresh.length === 1 && only) next = only.target;
      else for (const { at, target } of fresh) if (!shown.has(target)) at.below = sequence(target);
    }
    return items;
  };

  const newTargets = (item: OutlineItem): { at: OutlineExit; target: string }[] => {
    const seen = new Set<string>();
    return item.exits.flatMap((at) => {
      const target = at.exit.target?.kind === "node" ? at.exit.target.node : null;
      if (target === null || !nodes.has(target) || shown.has(target) || seen.has(target)) return [];
      seen.add(target);
      return [{ at, target }];
    });
  };

  const start = graph.nodes.find((node) => node.isStart);
  const items = start ? sequence(start.id) : [];
  const apart = graph.unreachable.flatMap((id) => (shown.has(id) ? [] : sequence(id)));
  return { items, apart };
}
