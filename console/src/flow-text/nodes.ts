/** Edits of whole nodes: adding, deleting and renaming. */

import type { NodeType } from "../node-types/node-type";
import { changedValue, finish, type Open, openText, patchesAt, withValue } from "./editing";
import { lineEnd } from "./lines";
import { EditRefused, fromTarget, isRecord, type Json, type Target } from "./model";
import { checkName } from "./names";
import { insertAfter, ownedEnd, type Patch, removeSlots, replaceValue } from "./patches";
import { withOtherNames, withoutTargets } from "./references";
import { writeKey } from "./scalars";
import { type Collection, type Slot, slotAt, toJson, treeAt } from "./tree";
import { field, fieldLines, indented } from "./writing";

/** A node to add. */
export interface NewNode {
  id: string;
  type: string;
  fields: Record<string, Json>;
  exits?: Record<string, Target>;
}

/** The nodes of a flow as they are written: nothing where there are none. */
export function nodesOf(open: Open): { map: Collection | null; data: Record<string, Json> } {
  const tree = treeAt(open.root, ["nodes"]);
  if (tree?.kind === "map") return { map: tree, data: toJson(tree) as Record<string, Json> };
  if (tree && !(tree.kind === "scalar" && tree.value === null)) {
    throw new EditRefused(
      "What stands under nodes is no list of nodes by their names. Mend it in the text view first.",
    );
  }
  return { map: null, data: {} };
}

/** Add a node behind the others. Throws EditRefused. */
export function addNode(text: string, node: NewNode): string {
  const open = openText(text);
  const { data } = nodesOf(open);
  checkName(new Set(Object.keys(data)), node.id);
  const exits = Object.fromEntries(
    Object.entries(node.exits ?? {}).map(([exit, target]) => [exit, fromTarget(target)]),
  );
  const value = { type: node.type, ...node.fields, ...(Object.keys(exits).length > 0 ? { exits } : {}) };
  const { step } = open.source;
  const lines = [
    `${writeKey(node.id, false)}:`,
    ...Object.entries(value).flatMap(([key, each]) => fieldLines(key, each, step, step)),
  ];
  const wanted = withValue(open.data, ["nodes", node.id], value);
  return finish(open, withNodes(open, [{ lines, short: field(node.id, value) }]), wanted);
}

/** The patches that put nodes behind the others. Their `lines` begin at the margin, `short` is the same in brackets. */
export function withNodes(open: Open, nodes: { lines: string[]; short: string }[]): Patch[] {
  const { source, root } = open;
  const { map } = nodesOf(open);
  const last = map?.slots.at(-1) ?? null;
  const short = nodes.map((each) => each.short);
  const slot = slotAt(root, "nodes");
  const column = map && last ? last.column : source.step + (slot?.column ?? root.slots[0]?.column ?? 0);
  const apart = map !== null && map.slots.length > 1 && hasBlankLines(source.text, map);
  const lines = nodes.flatMap((each, at) => [
    ...(apart && (last || at > 0) ? [""] : []),
    ...each.lines.map((line) => (line === "" ? "" : indented(line, column))),
  ]);
  if (map && last) return [insertAfter(source, map, last, { lines, short }, ownedEnd(source.text, last))];
  if (root.flow) {
    if (map) return [insertAfter(source, map, null, { lines, short })];
    const entry = `{${short.join(", ")}}`;
    if (slot)
      return [
        { start: slot.value.start, end: slot.value.end, text: slot.after === slot.value.start ? ` ${entry}` : entry },
      ];
    return [insertAfter(source, root, root.slots.at(-1) ?? null, { lines: [], short: [`nodes: ${entry}`] })];
  }
  if (!slot) return [insertAfter(source, root, root.slots.at(-1) ?? null, { lines: ["nodes:", ...lines], short: [] })];
  const after = slot.after ?? slot.keyEnd;
  const below = lines.map((line) => source.eol + line).join("");
  const at = lineEnd(source.text, slot.end);
  return [
    { start: after, end: slot.value.end, text: "" },
    { start: at, end: at, text: below },
  ];
}

function hasBlankLines(text: string, nodes: Collection): boolean {
  const [before, last] = nodes.slots.slice(-2);
  return before !== undefined && last !== undefined && /\n[ \t]*\r?\n/.test(text.slice(before.end, last.start));
}

/** Delete nodes, and every exit that led to one of them. Throws EditRefused. */
export function deleteNodes(text: string, ids: string[], types: NodeType[]): string {
  const open = openText(text);
  const { map, data } = nodesOf(open);
  const gone = new Set(map?.slots.filter((slot) => ids.includes(slot.key)));
  if (!map || gone.size === 0) return text;
  const names = new Set([...gone].map((slot) => slot.key).filter((id) => id !== "end"));
  const left = map.slots.filter((slot) => !gone.has(slot));
  const nodes = Object.fromEntries(left.map(({ key }) => [key, withoutTargets(data[key] as Json, names, types)]));
  const patches = left.flatMap((slot) => changedValue(open.source, slot, map.flow, nodes[slot.key] as Json));
  if (left.length > 0) patches.push(...removeSlots(open.source, map, gone, true));
  else patches.push(...replaceValue(open.source, slotAt(open.root, "nodes") as Slot, open.root.flow, {}));
  let wanted: Json = withValue(open.data, ["nodes"], nodes);
  const session = open.data.session;
  if (isRecord(session) && names.has(String(session.on_timeout))) {
    const path = Object.keys(session).length > 1 ? ["session", "on_timeout"] : ["session"];
    wanted = withValue(wanted, path, undefined);
    patches.push(...patchesAt(open.source, open.root, null, path, undefined));
  }
  return finish(open, patches, wanted);
}

/** Rename a node, with every exit that leads to it and every variable that is called after it. Throws EditRefused. */
export function renameNode(text: string, id: string, newId: string, types: NodeType[]): string {
  if (id === newId) return text;
  const open = openText(text);
  const { map, data } = nodesOf(open);
  if (!map || !slotAt(map, id)) throw new EditRefused(`There is no node "${id}" in this flow.`);
  checkName(new Set(Object.keys(data)), newId);
  const names = new Map([[id, newId]]);
  const { patches, nodes } = renamed(open, names, types);
  let wanted: Json = { ...open.data, nodes };
  for (const path of [["start"], ["session", "on_timeout"]]) {
    const tree = treeAt(open.root, path);
    if (tree?.kind !== "scalar" || tree.value !== id) continue;
    patches.push(...patchesAt(open.source, open.root, null, path, newId));
    wanted = withValue(wanted, path, newId);
  }
  return finish(open, patches, wanted);
}

/** The patches that give nodes other names, and the nodes under these names. */
export function renamed(
  open: Open,
  names: ReadonlyMap<string, string>,
  types: NodeType[],
): { patches: Patch[]; nodes: Record<string, Json> } {
  const { map, data } = nodesOf(open);
  const changed = withOtherNames(data, names, types);
  const newName = (id: string) => names.get(id) ?? id;
  const keys = (map?.slots ?? [])
    .filter((slot) => newName(slot.key) !== slot.key)
    .map((slot) => ({ start: slot.start, end: slot.keyEnd, text: writeKey(newName(slot.key), map?.flow ?? false) }));
  const values = (map?.slots ?? []).flatMap((slot) =>
    changedValue(open.source, slot, map?.flow ?? false, changed[slot.key] as Json),
  );
  return {
    patches: [...keys, ...values],
    nodes: Object.fromEntries(Object.entries(changed).map(([id, node]) => [newName(id), node])),
  };
}
