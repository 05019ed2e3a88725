/** Makes the model of a flow from its text. */

import { lineNumbers } from "./lines";
import { type FlowDocument, type FlowModel, type FlowNode, isRecord, type Json, toTarget } from "./model";
import { readText } from "./reading";
import { type Collection, type Slot, toJson, treeAt } from "./tree";

/** Read the text of a flow. Never throws: a broken text has errors and no flow. */
export function parseFlow(text: string): FlowDocument {
  const { tree, errors } = readText(text);
  if (!tree) return { text, flow: null, errors };
  if (tree.kind !== "map") {
    return {
      text,
      flow: null,
      errors: [{ line: 1, column: 1, message: 'This is no flow. Begin with "chatflow: 1".' }],
    };
  }
  const nodes = treeAt(tree, ["nodes"]);
  if (nodes && nodes.kind !== "map" && !(nodes.kind === "scalar" && nodes.value === null)) {
    const message = "Under nodes stands the name of each node, with its fields below it.";
    return { text, flow: null, errors: [{ ...placeOf(text, nodes.start), message }] };
  }
  return { text, flow: flowModel(text, tree), errors: [] };
}

function flowModel(text: string, root: Collection): FlowModel {
  const { flow, title, start, nodes: _, ...fields } = toJson(root) as { [key: string]: Json };
  const nodes = treeAt(root, ["nodes"]);
  const slots = nodes?.kind === "map" ? nodes.slots : [];
  const lineOf = lineNumbers(text);
  return {
    name: textOf(flow),
    title: textOf(title),
    start: textOf(start),
    fields,
    nodes: slots.map((slot) => nodeModel(slot, lineOf)),
  };
}

/** The model of one node. What is no object has no type and no fields. */
export function nodeModel(slot: Slot, lineOf: (offset: number) => number): FlowNode {
  const data = toJson(slot.value);
  const { type, exits, then, ...fields } = isRecord(data) ? data : {};
  return {
    id: slot.key,
    type: textOf(type),
    fields,
    exits: Object.fromEntries(
      Object.entries(isRecord(exits) ? exits : {}).map(([exit, target]) => [exit, toTarget(target)]),
    ),
    then: then === undefined || then === null ? null : toTarget(then),
    line: lineOf(slot.start),
    lastLine: lineOf(slot.end),
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  return { line: lineNumbers(text)(offset), column: offset - text.lastIndexOf("\n", offset - 1) };
}
