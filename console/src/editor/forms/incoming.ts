/** What leads to a node. */

import type { FlowModel } from "../../flow-text/model";
import { exitsOf } from "../../node-types/exits";
import type { NodeType } from "../../node-types/node-type";

export interface Incoming {
  node: string;
  /** The label of the exit. */
  exit: string;
}

export function leadingTo(flow: FlowModel, types: NodeType[], id: string): Incoming[] {
  return flow.nodes.flatMap((node) =>
    exitsOf(types, node)
      .filter(({ target }) => target?.kind === "node" && target.node === id)
      .map(({ label }) => ({ node: node.id, exit: label })),
  );
}
