/** Copies nodes out of a flow, as YAML with their comments, and pastes them into one. */

import type { NodeType } from "../node-types/node-type";
import { changedValue, finish, openText } from "./editing";
import { lineStart } from "./lines";
import { EditRefused, type Json } from "./model";
import { firstFree } from "./names";
import { nodesOf, renamed, withNodes } from "./nodes";
import { ownedEnd, touchingComment } from "./patches";
import { readText } from "./reading";
import { targetsOf, withoutTargets } from "./references";
import { type Slot, toJson } from "./tree";
import { field, indented } from "./writing";

/** The nodes as a text to paste: an object of nodes by their names. Throws EditRefused. */
export function copyNodes(text: string, ids: string[]): string {
  const { map } = nodesOf(openText(text));
  const slots = map?.slots.filter((slot) => ids.includes(slot.key)) ?? [];
  if (map?.flow) return slots.map((slot) => `${text.slice(slot.start, slot.end)}\n`).join("");
  return slots.flatMap((slot) => linesOf(text, slot).map((line) => `${line}\n`)).join("");
}

/**
 * Add copied nodes, and say their names: a name that is taken gets a number. Exits among them lead to the new names; exits
 * to nodes that this flow does not have are left out. Throws EditRefused.
 */
export function pasteNodes(text: string, yaml: string, types: NodeType[]): { text: string; ids: string[] } {
  const open = openText(text);
  const present = nodesOf(open).data;
  const taken = new Set(Object.keys(present));
  const copied = openText(asFlow(yaml));
  const { map, data } = nodesOf(copied);
  const names = new Map<string, string>();
  for (const id of Object.keys(data)) {
    const name = firstFree(taken, id);
    taken.add(name);
    names.set(id, name);
  }
  const foreign = targetsOf(data, types);
  for (const name of ["end", ...names.keys(), ...Object.keys(present)]) foreign.delete(name);
  const kept = Object.fromEntries(Object.entries(data).map(([id, node]) => [id, withoutTargets(node, foreign, types)]));
  const fewer = (map?.slots ?? []).flatMap((slot) =>
    changedValue(copied.source, slot, map?.flow ?? false, kept[slot.key] as Json),
  );
  const clean = openText(finish(copied, fewer, { nodes: kept }));
  const changes = renamed(clean, names, types);
  const ready = openText(finish(clean, changes.patches, { nodes: changes.nodes }));
  const nodes = (nodesOf(ready).map?.slots ?? []).map((slot) => ({
    lines: linesOf(ready.source.text, slot),
    short: field(slot.key, toJson(slot.value)),
  }));
  const wanted = { ...open.data, nodes: { ...present, ...changes.nodes } };
  return { text: finish(open, withNodes(open, nodes), wanted), ids: Object.keys(changes.nodes) };
}

/** What was copied, as a flow of nothing else. */
function asFlow(yaml: string): string {
  const { tree } = readText(yaml);
  if (tree?.kind !== "map" || !tree.slots.every((slot) => slot.value.kind === "map")) {
    throw new EditRefused("What you pasted are no nodes. Copy nodes of a flow, and paste them here.");
  }
  const lines = yaml.trimEnd().split(/\r?\n/);
  return `nodes:\n${lines.map((line) => (line === "" ? "" : indented(line, 2))).join("\n")}\n`;
}

/** The lines of a node with the comments that touch it, from the margin. */
export function linesOf(text: string, slot: Slot): string[] {
  const line = lineStart(text, slot.start);
  const start = text.slice(line, slot.start).trim() === "" ? touchingComment(text, slot) : slot.start;
  const lines = text.slice(start, ownedEnd(text, slot)).split(/\r?\n/);
  return lines.map((each) => each.slice(Math.min(slot.column, each.length - each.trimStart().length)));
}
