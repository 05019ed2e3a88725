/** What a node's card says: its type in words, and the fields that its type marks with `x-card`. */

import { type FlowNode, isRecord, type Json } from "../flow-text/model";
import { type NodeType, variantOf } from "./node-type";
import { alternatives, nodeSchema, property, resolved } from "./schemas";

export interface Card {
  /** What the node does, such as "Ask for a file". */
  title: string;
  /** The name of an icon of Lucide. */
  icon: string;
  lines: { label: string; text: string }[];
  /** The asset that the node sends. */
  asset?: string;
  /** The integration that the node calls. */
  integration?: string;
}

/** The card of a node. A node of an unknown type has a card with the type's name and no lines. */
export function cardOf(types: NodeType[], node: FlowNode): Card {
  const type = types.find((each) => each.name === node.type);
  const variant = variantOf(types, node);
  const card: Card = { title: type?.title ?? (node.type || "No type"), icon: type?.icon ?? "", lines: [] };
  if (!type || !variant) return card;
  if (type.variants.length > 1) card.title = variant.title;
  const schema = nodeSchema(variant.config_schema);
  const { properties = {} } = resolved(schema).schema;
  for (const name of Object.keys(properties)) {
    const value = node.fields[name];
    const field = property(schema, name);
    if (!field || value === undefined || value === null || name in variant.when) continue;
    const hints = [field, ...alternatives(field)].map((each) => each.schema);
    for (const schemaOfValue of hints) {
      if (schemaOfValue["x-widget"] === "asset" && typeof value === "string") card.asset = value;
      if (schemaOfValue["x-widget"] === "integration" && typeof value === "string") card.integration = value;
    }
    if (isRecord(value)) namesIn(card, field, value);
    if (!hints.some((each) => each["x-card"])) continue;
    const text = inWords(value);
    if (text) card.lines.push({ label: field.schema.title ?? name, text });
  }
  return card;
}

/** An asset or an integration that is named one level deeper, as in `source: {asset: leaflet.pdf}`. */
function namesIn(card: Card, field: Parameters<typeof property>[0], value: { [key: string]: Json }): void {
  for (const [key, inner] of Object.entries(value)) {
    const widget = property(field, key)?.schema["x-widget"];
    if (typeof inner !== "string") continue;
    if (widget === "asset") card.asset = inner;
    if (widget === "integration") card.integration = inner;
  }
}

/** A value as people read it: no brackets, no quotes. */
function inWords(value: Json): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    return value
      .map((each) => (isRecord(each) ? String(each.title ?? each.name ?? each.if ?? each.id ?? "") : inWords(each)))
      .filter(Boolean)
      .join(", ");
  }
  return Object.entries(value)
    .map(([key, each]) => `${key}: ${inWords(each)}`)
    .join(", ");
}
