/** The places of a node's fields that name nodes: where its exits lead, and what its type says. */

import { isRecord, type Json } from "../flow-text/model";
import { type NodeType, variantOf } from "./node-type";
import { itemOf, namesNode, nodeSchema, type Placed, property } from "./schemas";

type Step = string | number;

/**
 * The path of every text that names a node. `node` holds all fields of the node, as they are written. Fields called `then`
 * count as targets in every type, also where it is unknown.
 */
export function* nodeNames(types: NodeType[], node: Json): Generator<{ path: Step[]; name: string }> {
  if (!isRecord(node)) return;
  const variant = variantOf(types, { type: String(node.type ?? ""), fields: node });
  const schema = variant && nodeSchema(variant.config_schema);
  for (const [field, value] of Object.entries(node)) {
    if (field === "type") continue;
    if (field !== "exits") yield* namesIn(value, [field], schema && property(schema, field));
    else if (isRecord(value)) {
      for (const [exit, target] of Object.entries(value)) {
        if (typeof target === "string") yield { path: [field, exit], name: target };
      }
    }
  }
}

function* namesIn(value: Json, path: Step[], schema: Placed | null): Generator<{ path: Step[]; name: string }> {
  if (typeof value === "string") {
    if (path.at(-1) === "then" || (schema && namesNode(schema))) yield { path, name: value };
  } else if (Array.isArray(value)) {
    const item = schema && itemOf(schema);
    for (const [at, each] of value.entries()) yield* namesIn(each, [...path, at], item);
  } else if (isRecord(value)) {
    for (const [key, each] of Object.entries(value))
      yield* namesIn(each, [...path, key], schema && property(schema, key));
  }
}
