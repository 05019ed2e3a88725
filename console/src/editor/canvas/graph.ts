/** A flow as the canvas and the outline draw it: cards, their exits, and the edges between them. */

import type { FlowModel, Target } from "../../flow-text/flow-text";
import { type Card, cardOf } from "../../node-types/card";
import { type Exit, exitsOf } from "../../node-types/exits";
import type { NodeType } from "../editor-state";
import { edgeId } from "./marks";

export interface GraphNode {
  id: string;
  card: Card;
  /** In order; those that are there only where they are written are left out while they are not. */
  exits: Exit[];
  isStart: boolean;
}

/** From an exit to a node. Exits to the end and to other flows are shown on the card of their node. */
export interface GraphEdge {
  id: string;
  from: string;
  exit: string;
  to: string;
  /** It leads back to a node that comes before. */
  back: boolean;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** The nodes in the order in which a customer may meet them: from the start, along the exits in their order. */
  order: string[];
  /** The nodes that no path from the start leads to. */
  unreachable: string[];
}

/** The graph of a flow. Nodes that are as they were in `before` are the same objects, so that their cards are not drawn anew. */
export function graphOf(flow: FlowModel, types: NodeType[], before: Graph | null = null): Graph {
  const known = new Map(before?.nodes.map((node) => [node.id, node]));
  const nodes = flow.nodes.map((node) => {
    const exits = exitsOf(types, node).filter((exit) => !exit.optional || exit.target);
    const made = { id: node.id, card: cardOf(types, node), exits, isStart: node.id === flow.start };
    const old = known.get(node.id);
    return old && JSON.stringify(old) === JSON.stringify(made) ? old : made;
  });
  const ids = new Set(nodes.map((node) => node.id));
  const edges: GraphEdge[] = nodes.flatMap((node) =>
    node.exits.flatMap(({ name, target }) =>
      target?.kind === "node" && ids.has(target.node)
        ? [{ id: edgeId(node.id, name), from: node.id, exit: name, to: target.node, back: false }]
        : [],
    ),
  );
  const { order, backEdges } = walk(flow.start, nodes, edges);
  const reached = new Set(order);
  return {
    nodes,
    edges: edges.map((edge) => (backEdges.has(edge.id) ? { ...edge, back: true } : edge)),
    order,
    unreachable: nodes.map((node) => node.id).filter((id) => !reached.has(id)),
  };
}

/** What a target is called, in a sentence such as "leads to …". */
export function targetWords(target: Target | null): string {
  switch (target?.kind) {
    case "node":
      return target.node;
    case "flow":
      return `the flow ${target.flow}`;
    case "other":
      return "something that cannot be read";
    default:
      return "the end";
  }
}

/** Depth first from the start, then from each node that was not reached; without recursion, since a flow may be one chain. */
function walk(start: string, nodes: GraphNode[], edges: GraphEdge[]): { order: string[]; backEdges: Set<string> } {
  const outgoing = grouped(edges, "from");
  const state = new Map<string, "open" | "done">();
  const backEdges = new Set<string>();
  const visit = (root: string): string[] => {
    const order = [root];
    state.set(root, "open");
    const stack = [{ id: root, edges: [...(outgoing.get(root) ?? [])] }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = top.edges.shift();
      if (!edge) {
        state.set(top.id, "done");
        stack.pop();
      } else if (!state.has(edge.to)) {
        order.push(edge.to);
        state.set(edge.to, "open");
        stack.push({ id: edge.to, edges: [...(outgoing.get(edge.to) ?? [])] });
      } else if (state.get(edge.to) === "open") backEdges.add(edge.id);
    }
    return order;
  };
  const order = nodes.some((node) => node.id === start) ? visit(start) : [];
  for (const { id } of nodes) if (!state.has(id)) visit(id);
  return { order, backEdges };
}

/** Edges by the node that they come from, or lead to. */
export function grouped<Edge extends { from: string; to: string }>(
  edges: readonly Edge[],
  end: "from" | "to",
): Map<string, Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) groups.set(edge[end], [...(groups.get(edge[end]) ?? []), edge]);
  return groups;
}
