/**
 * A flow's YAML text: what it says, and edits of it.
 *
 * Each edit is a small patch of the text. Outside the edited node not one byte changes, except where deleting or renaming a
 * node touches the exits that lead to it. An edit that cannot be made throws EditRefused.
 */

import { copyNodes, pasteNodes } from "./clipboard";
import { finish, openText, patchesAt, withValue } from "./editing";
import { withExitNames } from "./exit-names";
import { setExit } from "./exits";
import { EditRefused, type FlowModel, type Json } from "./model";
import { firstFree } from "./names";
import { addNode, deleteNodes, type NewNode, renameNode } from "./nodes";
import { parseFlow } from "./parsing";
import { type Step, treeAt } from "./tree";

export type { FlowDocument, FlowModel, FlowNode, Json, Target, TextError } from "./model";
export type { NewNode };
export { addNode, copyNodes, deleteNodes, EditRefused, parseFlow, pasteNodes, renameNode, setExit, withExitNames };

/** Write a value of a node, by its path; undefined takes it out. Fields on the way are made. */
export function setField(text: string, node: string, path: Step[], value: Json | undefined): string {
  const open = openText(text);
  if (treeAt(open.root, ["nodes", node]) === undefined)
    throw new EditRefused(`There is no node "${node}" in this flow.`);
  return written(text, ["nodes", node, ...path], value);
}

/** Write a field of the flow itself, such as `["session", "timeout"]`; undefined takes it out. */
export function setFlowField(text: string, path: Step[], value: Json | undefined): string {
  return written(text, path, value);
}

/** A name for a new node: the wanted one, with a number where it is taken. */
export function freeName(flow: FlowModel, wanted: string): string {
  return firstFree(new Set(flow.nodes.map((node) => node.id)), wanted);
}

function written(text: string, path: Step[], value: Json | undefined): string {
  const open = openText(text);
  return finish(open, patchesAt(open.source, open.root, null, path, value), withValue(open.data, path, value));
}
