import type { FlowModel, FlowNode, Json, Target } from "../../flow-text/flow-text";

/** One field or exit that differs. Where it is on one side only, the other is null. */
export interface FieldChange {
  /** In words, such as "caption", "options 2, title" or "exit received". */
  field: string;
  before: string | null;
  after: string | null;
}

export interface NodeChange {
  node: string;
  type: string;
  kind: "added" | "removed" | "changed";
  /** Of an added or removed node: all of its fields. */
  fields: FieldChange[];
}

/** How two flows differ, node by node. Comments, layout and the order of nodes are no difference. */
export interface FlowDifference {
  settings: FieldChange[];
  nodes: NodeChange[];
}

/** `before` is null where there was no flow: then everything is added. */
export function flowDifference(before: FlowModel | null, after: FlowModel): FlowDifference {
  const old = new Map((before?.nodes ?? []).map((node) => [node.id, node]));
  const present = new Set(after.nodes.map((node) => node.id));
  const nodes: NodeChange[] = [];
  for (const node of after.nodes) {
    const earlier = old.get(node.id);
    const fields = changes(earlier ? wordsOf(earlier) : new Map(), wordsOf(node));
    if (fields.length > 0 || !earlier) {
      nodes.push({ node: node.id, type: node.type, kind: earlier ? "changed" : "added", fields });
    }
  }
  for (const node of before?.nodes ?? []) {
    if (present.has(node.id)) continue;
    nodes.push({ node: node.id, type: node.type, kind: "removed", fields: changes(wordsOf(node), new Map()) });
  }
  return { settings: changes(before ? settingsOf(before) : new Map(), settingsOf(after)), nodes };
}

export function isSame(difference: FlowDifference): boolean {
  return difference.nodes.length === 0 && difference.settings.length === 0;
}

/** Such as "2 nodes changed, 1 added; settings of the flow changed". */
export function summary(difference: FlowDifference): string {
  if (isSame(difference)) return "Only comments and layout of the text differ.";
  const parts = (["changed", "added", "removed"] as const).flatMap((kind) => {
    const count = difference.nodes.filter((node) => node.kind === kind).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? "node" : "nodes"} ${kind}`];
  });
  if (difference.settings.length > 0) parts.push("settings of the flow changed");
  return `${parts.join(", ")}.`;
}

function changes(before: Map<string, string>, after: Map<string, string>): FieldChange[] {
  const fields = [...after.keys(), ...[...before.keys()].filter((field) => !after.has(field))];
  return fields
    .map((field) => ({ field, before: before.get(field) ?? null, after: after.get(field) ?? null }))
    .filter((change) => change.before !== change.after);
}

function wordsOf(node: FlowNode): Map<string, string> {
  const words = new Map([["type", node.type]]);
  for (const [name, value] of Object.entries(node.fields)) flatten(name, value, words);
  if (node.then) words.set("then", targetWords(node.then));
  for (const [exit, target] of Object.entries(node.exits)) words.set(`exit ${exit}`, targetWords(target));
  return words;
}

function settingsOf(flow: FlowModel): Map<string, string> {
  const words = new Map<string, string>();
  if (flow.title) words.set("title", flow.title);
  if (flow.start) words.set("first node", flow.start);
  for (const [name, value] of Object.entries(flow.fields)) {
    flatten(name === "chatflow" ? "version of the format" : name, value, words);
  }
  return words;
}

/** Every single value under a name of its own: "options 2, title". */
function flatten(name: string, value: Json, words: Map<string, string>): void {
  if (Array.isArray(value) && value.some((entry) => typeof entry === "object" && entry !== null)) {
    for (const [at, entry] of value.entries()) flatten(`${name} ${at + 1}`, entry, words);
  } else if (Array.isArray(value)) {
    words.set(name, value.map(String).join(", "));
  } else if (typeof value === "object" && value !== null) {
    for (const [key, entry] of Object.entries(value)) flatten(`${name}, ${key}`, entry, words);
  } else {
    words.set(name, value === null ? "nothing" : String(value));
  }
}

function targetWords(target: Target): string {
  switch (target.kind) {
    case "node":
      return target.node;
    case "end":
      return "end of the conversation";
    case "flow":
      return `flow ${target.flow}`;
    case "other":
      return target.text;
  }
}
