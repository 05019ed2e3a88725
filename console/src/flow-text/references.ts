/** The nodes of a flow as data, with other names, or without the exits that lead to some of them. */

import { nodeNames } from "../node-types/node-names";
import type { NodeType } from "../node-types/node-type";
import { withValue } from "./editing";
import { isRecord, type Json } from "./model";

/** A node without its exits to these nodes. */
export function withoutTargets(node: Json, names: ReadonlySet<string>, types: NodeType[]): Json {
  let left = node;
  for (const { path, name } of nodeNames(types, node)) {
    if (names.has(name)) left = withValue(left, path, undefined);
  }
  if (left === node || !isRecord(left) || !isRecord(left.exits) || Object.keys(left.exits).length > 0) return left;
  return withValue(left, ["exits"], undefined);
}

/** The nodes of a flow under other names: their exits and the variables that are called after them follow. */
export function withOtherNames(
  nodes: Record<string, Json>,
  names: ReadonlyMap<string, string>,
  types: NodeType[],
): Record<string, Json> {
  const variables = renamedVariables(nodes, names);
  return mapValues(nodes, (node) => {
    let changed = mapTexts(node, (text) => withVariables(text, variables));
    for (const { path, name } of nodeNames(types, node)) {
      const newName = names.get(name);
      if (newName !== undefined) changed = withValue(changed, path, newName);
    }
    return changed;
  });
}

/** The names of all nodes that exits lead to. */
export function targetsOf(nodes: Record<string, Json>, types: NodeType[]): Set<string> {
  return new Set(Object.values(nodes).flatMap((node) => [...nodeNames(types, node)].map(({ name }) => name)));
}

/** Variables that a node sets under its own name. `x_response` is called after a node only if nothing is saved as x. */
function renamedVariables(nodes: Record<string, Json>, names: ReadonlyMap<string, string>): Map<string, string> {
  const saved = new Set(Object.values(nodes).map((node) => (isRecord(node) ? node.save_as : undefined)));
  const variables = new Map<string, string>();
  for (const [id, newId] of names) {
    const node = nodes[id];
    const savesElsewhere = isRecord(node) && typeof node.save_as === "string";
    if (!saved.has(`${id}_failure`)) variables.set(`${id}_failure`, `${newId}_failure`);
    if (!savesElsewhere && !saved.has(id) && !saved.has(`${id}_response`)) {
      variables.set(`${id}_response`, `${newId}_response`);
    }
  }
  return variables;
}

/** A text in which `[[old.x]]`, also behind a function such as `upper:`, is `[[new.x]]`. */
function withVariables(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/\[\[([^[\]]*)\]\]/g, (whole, expression: string) => {
    const functions = expression.slice(0, expression.lastIndexOf(":") + 1);
    const [name = "", ...rest] = expression.slice(functions.length).split(".");
    const newName = names.get(name.trim());
    return newName === undefined ? whole : `[[${functions}${[newName, ...rest].join(".")}]]`;
  });
}

function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change));
  return isRecord(value) ? mapValues(value, (each) => mapTexts(each, change)) : value;
}

function mapValues(value: Record<string, Json>, change: (value: Json) => Json): Record<string, Json> {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each)]));
}
