/** The variables that a text of a node may use: what is set before, and the fixed names of the flow format. */

import { type FlowModel, type FlowNode, isRecord } from "../../flow-text/model";
import { type NodeType, variantOf } from "../../node-types/node-type";
import { nodeSchema } from "../../node-types/schemas";
import type { Findings } from "../editor-state";

export interface Offer {
  /** What stands between the brackets. Those that end with a colon take a further name. */
  name: string;
  type: string;
  /** Where it is set, or what it is. */
  about: string;
  group: "set" | "file" | "fixed" | "change";
}

const FIXED: [name: string, type: string, about: string][] = [
  ["contact:name", "text", "The name that the customer chose"],
  ["contact:address", "text", "Where messages to the customer are sent"],
  ["session:msisdn", "text", "The customer's number"],
  ["session:id", "text", "The id of this session"],
  ["message:text", "text", "The text of the customer's message"],
  ["message:kind", "text", "text, choice, media, location, contacts, form or other"],
  ["message:choice", "text", "The id of the option that was tapped"],
  ["message:location.latitude", "number", "The place that was sent: latitude"],
  ["message:location.longitude", "number", "The place that was sent: longitude"],
  ["message:location.name", "text", "The place that was sent: its name"],
  ["message:location.address", "text", "The place that was sent: its address"],
  ["message:contacts", "list", "The contact cards that were sent"],
  ["message:form", "object", "The answers of a form"],
  ["message:referral.headline", "text", "The ad or post that led here: its headline"],
  ["message:referral.source_id", "text", "The ad, post or link that led here: its id"],
  ["message:language", "text", "The language of the customer's app"],
  ["message:voice", "boolean", "Whether it is a voice note"],
  ["message:forwarded", "boolean", "Whether the message was forwarded"],
];

const CHANGES: [name: string, about: string][] = [
  ["upper:", "In upper case"],
  ["lower:", "In lower case"],
  ["left:3:", "The first 3 characters"],
  ["right:3:", "The last 3 characters"],
  ["substr:0:3:", "3 characters from the beginning"],
];

const OF_FILES: [name: string, about: string][] = [
  ["filename", "name"],
  ["caption", "caption"],
  ["kind", "kind"],
  ["mime", "format"],
  ["size", "size in bytes"],
  ["sha256", "checksum"],
];

/** What a node may use, as validation found it; null for the flow itself, whose texts use none. */
export function offersFor(findings: Findings | null, node: string, flow: FlowModel, types: NodeType[]): Offer[] {
  const set = (findings?.variables?.[node] ?? []).map<Offer>(({ name, type }) => ({
    name,
    type,
    about: whereSet(name, flow, types),
    group: "set",
  }));
  const ofFiles = set
    .filter(({ type }) => type === "file")
    .flatMap(({ name }) =>
      OF_FILES.map<Offer>(([part, word]) => ({
        name: `${name}.${part}`,
        type: part === "size" ? "number" : "text",
        about: `The file's ${word}`,
        group: "file",
      })),
    );
  return [
    ...set,
    ...ofFiles,
    ...FIXED.map<Offer>(([name, type, about]) => ({ name, type, about, group: "fixed" })),
    ...CHANGES.map<Offer>(([name, about]) => ({ name, type: "text", about, group: "change" })),
  ];
}

const ENDINGS = /_(response|failure|count)$/; // of what a node sets beside the variable that it keeps

function whereSet(name: string, flow: FlowModel, types: NodeType[]): string {
  if (Array.isArray(flow.fields.given) && flow.fields.given.includes(name)) return "Given by your business";
  const base = name.replace(ENDINGS, "");
  const nodes = flow.nodes.filter((node) => {
    const kept = keptBy(node, types);
    return kept.includes(name) || (base !== name && (kept.includes(base) || node.id === base));
  });
  return nodes.length > 0 ? `Set by ${nodes.map((node) => node.id).join(", ")}` : "Set before";
}

/** The names under which a node keeps values, by the hints of its schema. */
function keptBy(node: FlowNode, types: NodeType[]): string[] {
  const variant = variantOf(types, node);
  const properties = variant ? (nodeSchema(variant.config_schema).schema.properties ?? {}) : {};
  return Object.entries(properties).flatMap(([field, schema]) => {
    const value = node.fields[field];
    if (schema["x-widget"] === "variable" && typeof value === "string") return [value];
    return schema.patternProperties && isRecord(value) ? Object.keys(value) : [];
  });
}

const FUNCTION = /^(?:(?:upper|lower):|(?:left|right):\d+:|substr:\d+:\d+:)/;

/** The offers that what was written behind `[[` begins, or contains; behind a function, only names. */
export function matching(offers: readonly Offer[], written: string): Offer[] {
  const prefix = FUNCTION.exec(written)?.[0] ?? "";
  const word = written.slice(prefix.length).toLowerCase();
  const left = offers.filter(
    (offer) => offer.name.toLowerCase().includes(word) && !(prefix && offer.group === "change"),
  );
  const rank = (offer: Offer) => (offer.name.toLowerCase().startsWith(word) ? 0 : 1);
  return left
    .toSorted((one, other) => rank(one) - rank(other))
    .map((offer) => ({ ...offer, name: prefix + offer.name }));
}

/** The text with a variable in place of what was written from `start` to `end`, and where the cursor goes. */
export function inserted(text: string, start: number, end: number, offer: Offer): { text: string; cursor: number } {
  const open = offer.name.endsWith(":");
  const rest = text.slice(end);
  const written = `[[${offer.name}${open || rest.startsWith("]]") ? "" : "]]"}`;
  const cursor = start + written.length + (!open && rest.startsWith("]]") ? 2 : 0);
  return { text: text.slice(0, start) + written + rest, cursor };
}

/** Where the variable begins that the cursor stands in, before its `]]`; -1 for none. */
export function openedAt(text: string, cursor: number): number {
  const start = text.lastIndexOf("[[", cursor - 1);
  if (start < 0 || start + 2 > cursor) return -1;
  return /^[A-Za-z0-9_.:]*$/.test(text.slice(start + 2, cursor)) ? start : -1;
}

/** The variables that hold a file, or a list of files. */
export function fileOffers(offers: readonly Offer[]): Offer[] {
  return offers.filter(({ group, type }) => group === "set" && ["file", "list", "any"].includes(type));
}
