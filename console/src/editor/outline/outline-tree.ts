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
  /** From the start. A node with one way on, failures aside, is followed by the next on the same level: a chain is a plain list. */
  items: OutlineItem[];
  apart: OutlineItem[];
}

export function outlineOf(graph: Graph): Outline {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const shown = new Set<string>();

  const newTargets = (item: OutlineItem): { at: OutlineExit; target: string }[] => {
    const seen = new Set<string>();
    return item.exits.flatMap((at) => {
      const target = at.exit.target?.kind === "node" ? at.exit.target.node : null;
      if (target === null || !nodes.has(target) || shown.has(target) || seen.has(target)) return [];
      seen.add(target);
      return [{ at, target }];
    });
  };

  const itemOf = (id: string): OutlineItem => {
    shown.add(id);
    return { node: id, exits: (nodes.get(id)?.exits ?? []).map((exit) => ({ exit, below: [] })) };
  };

  // First the way on, then what lies aside of it: a node on the way is not shown below the failure that also leads there.
  const sequence = (first: string): OutlineItem[] => {
    const items: OutlineItem[] = [];
    for (let next: string | undefined = first; next !== undefined; ) {
      const item = itemOf(next);
      items.push(item);
      const ways = newTargets(item).filter(({ at }) => !at.exit.setback);
      next = ways.length === 1 ? ways[0]?.target : undefined;
    }
    for (const item of items) {
      for (const { at, target } of newTargets(item)) if (!shown.has(target)) at.below = sequence(target);
    }
    return items;
  };

  const start = graph.nodes.find((node) => node.isStart);
  const items = start ? sequence(start.id) : [];
  const apart = graph.unreachable.flatMap((id) => (shown.has(id) ? [] : sequence(id)));
  return { items, apart };
}
