/** Exits whose names come from the entries of a node, such as the ids of options: what is written for them follows. */

import { placedExits } from "../node-types/exits";
import type { NodeType } from "../node-types/node-type";
import { finish, openText, withValue } from "./editing";
import { lineNumbers } from "./lines";
import type { FlowNode, Json } from "./model";
import { nodeModel } from "./parsing";
import { writeKey } from "./scalars";
import { slotAt, toJson, treeAt } from "./tree";

/** The text `after` an edit of a node, with what it says under `exits` at the names that exits have now. */
export function withExitNames(before: string, after: string, node: string, types: NodeType[]): string {
  const renamed = renamedExits(namesIn(before, node, types), namesIn(after, node, types));
  const open = openText(after);
  const exits = treeAt(open.root, ["nodes", node, "exits"]);
  if (exits?.kind !== "map") return after;
  const moved = exits.slots.filter(({ key }) => {
    const name = renamed.get(key);
    return name !== undefined && slotAt(exits, name) === undefined;
  });
  if (moved.length === 0) return after;
  const newName = (key: string) => renamed.get(key) as string;
  const patches = moved.map((slot) => ({
    start: slot.start,
    end: slot.keyEnd,
    text: writeKey(newName(slot.key), exits.flow),
  }));
  const keys = new Set(moved.map(({ key }) => key));
  const fields = Object.entries(toJson(exits) as Record<string, Json>);
  const wanted = Object.fromEntries(fields.map(([key, value]) => [keys.has(key) ? newName(key) : key, value]));
  return finish(open, patches, withValue(open.data, ["nodes", node, "exits"], wanted));
}

/** The names of the exits that come from entries, in their order. */
function namesIn(text: string, node: string, types: NodeType[]): string[] {
  const nodes = treeAt(openText(text).root, ["nodes"]);
  const slot = nodes && slotAt(nodes, node);
  if (!slot) return [];
  const bare: FlowNode = { ...nodeModel(slot, lineNumbers(text)), exits: {}, then: null };
  return placedExits(types, bare).map(({ name }) => name);
}

/** An exit that is elsewhere now, since entries were moved, or is gone, has no other name. */
function renamedExits(before: string[], after: string[]): Map<string, string> {
  if (before.length !== after.length) return new Map();
  const pairs = before.map((name, at) => [name, after[at] as string] as const);
  return new Map(pairs.filter(([old, name]) => old !== name && !after.includes(old) && !before.includes(name)));
}
