/** What a node's card says: its type in words, and the fields that its type marks with `x-card`. */

import { type FlowNode, isRecord, type Json } from "../flow-text/model";
import { type NodeType, variantOf } from "./node-type";
import { alternatives, itemOf, nodeSchema, type Placed, property, resolved } from "./schemas";

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
  for (const name of Object.keys(resolved(schema).schema.properties ?? {})) {
    const value = node.fields[name];
    const field = property(schema, name);
    if (!field || value === undefined || value === null || name in variant.when) continue;
    nameIn(card, field, value);
    if (!isOnCard(field)) continue;
    const text = inWords(value, field);
    if (text) card.lines.push({ label: field.schema.title ?? name, text });
  }
  return card;
}

/** What a node says to the customer: the first text for people on its card. "" if its type, or what it says, is unknown. */
export function wordsOf(types: NodeType[], node: FlowNode): string {
  const variant = variantOf(types, node);
  const schema = variant && nodeSchema(variant.config_schema);
  for (const name of schema ? Object.keys(resolved(schema).schema.properties ?? {}) : []) {
    const value = node.fields[name];
    const field = schema && property(schema, name);
    if (typeof value !== "string" || !value || !field) continue;
    if (isOnCard(field) && hinted(field, "x-widget") === "text") return value;
  }
  return "";
}

/** An asset or an integration that is named in a field, or one level deeper, as in `source: {asset: leaflet.pdf}`. */
function nameIn(card: Card, field: Placed, value: Json, levels = 1): void {
  const widget = hinted(field, "x-widget");
  if (typeof value === "string") {
    if (widget === "asset") card.asset = value;
    if (widget === "integration") card.integration = value;
  } else if (isRecord(value) && levels > 0) {
    for (const [key, inner] of Object.entries(value)) {
      const deeper = property(field, key);
      if (deeper) nameIn(card, deeper, inner, levels - 1);
    }
  }
}

function isOnCard(field: Placed): boolean {
  return hinted(field, "x-card") === true;
}

function hinted(field: Placed, hint: "x-card" | "x-widget"): unknown {
  return [resolved(field), ...alternatives(field)].find(({ schema }) => schema[hint] !== undefined)?.schema[hint];
}

/** A value as people read it: no brackets, no quotes. */
function inWords(value: Json, schema: Placed | null): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    const item = schema && itemOf(schema);
    const each = value.map((one) => inWords(one, item)).filter(Boolean);
    const hasSentences = item !== null && cardFields(item).length > 1;
    return each.join(hasSentences ? "\n" : ", ");
  }
  return schema && cardFields(schema).length > 0 ? sentence(value, schema) : labelled(value, schema);
}

function cardFields(schema: Placed): string[] {
  const names = alternatives(schema).flatMap((each) => Object.keys(each.schema.properties ?? {}));
  return names.filter((name) => {
    const field = property(schema, name);
    return field !== null && isOnCard(field);
  });
}

/** What an entry is about, then what is said about it: "[[claim.status]] equals approved". */
function sentence(value: { [key: string]: Json }, schema: Placed): string {
  const [subject = "", ...others] = cardFields(schema)
    .filter((name) => value[name] !== undefined && value[name] !== null)
    .map((name) => ({
      name,
      field: property(schema, name),
      text: inWords(value[name] as Json, property(schema, name)),
    }))
    .map(({ name, field, text }, at) => (at === 0 ? text : `${(field?.schema.title ?? name).toLowerCase()} ${text}`));
  return [subject, ...others].join(" ");
}

function labelled(value: { [key: string]: Json }, schema: Placed | null): string {
  return Object.entries(value)
    .map(([key, each]) => {
      const field = schema && property(schema, key);
      return `${field?.schema.title ?? key}: ${inWords(each, field)}`;
    })
    .join(", ");
}
