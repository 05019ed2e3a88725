/** The parts of a flow's text, to compare and merge two texts: the lines of each node with its comments, and the rest. */

import { Lexer } from "yaml";
import { linesOf } from "./clipboard";
import { finish, openText, withValue } from "./editing";
import { nextLine } from "./lines";
import type { Json } from "./model";
import { nodesOf, withNodes } from "./nodes";
import { ownedEnd, touchingComment } from "./patches";
import { readText } from "./reading";
import { type Slot, slotAt, toJson, treeAt } from "./tree";
import { field, indented } from "./writing";

export interface Parts {
  /** From the margin. Two nodes with the same lines are the same. */
  nodes: ReadonlyMap<string, string>;
  /** What stands around the nodes: settings, and comments that belong to no node. Without empty lines. */
  rest: string;
}

/** The parts of a text; null where nodes have no lines of their own: the text is broken, or in brackets. */
export function partsOf(text: string): Parts | null {
  const { tree } = readText(text);
  if (tree?.kind !== "map" || tree.flow) return null;
  const nodes = treeAt(tree, ["nodes"]);
  const slots = nodes && nodes.kind !== "scalar" ? nodes.slots : [];
  if (nodes?.kind === "list" || slots.some((slot) => slot.explicit)) return null;
  if (nodes?.kind === "map" && nodes.flow && slots.length > 0) return null;
  let rest = "";
  let at = 0;
  for (const slot of slots) {
    const { start, end } = placeOf(text, slot);
    rest += text.slice(at, start);
    at = end;
  }
  const lines = (rest + text.slice(at)).split(/\r?\n/);
  return {
    nodes: new Map(slots.map((slot) => [slot.key, linesOf(text, slot).join("\n")])),
    rest: lines.filter((line) => line.trim() !== "" && !/^nodes:(\s*\{\s*\})?\s*$/.test(line)).join("\n"),
  };
}

/** The text with other lines for some nodes, as `partsOf` has them; null takes the node out. Throws EditRefused. */
export function withParts(text: string, nodes: ReadonlyMap<string, string | null>): string {
  const present = partsOf(text)?.nodes;
  const ids = [...nodes.keys()];
  const added = ids.filter((id) => nodes.get(id) && !present?.has(id));
  const changed = ids.filter((id) => nodes.get(id) && present?.has(id));
  const removed = ids.filter((id) => nodes.get(id) === null && present?.has(id));
  const linesFor = (id: string) => (nodes.get(id) ?? "").split("\n");
  return without(replaced(appended(text, added, linesFor), changed, linesFor), removed);
}

/** The comments in a text, in their order. */
export function commentsIn(text: string): string[] {
  const comments: string[] = [];
  let before = "";
  for (const token of new Lexer().lex(text)) {
    if (token.startsWith("#") && before !== "\u001f") comments.push(token); // that sign stands before a plain text
    before = token;
  }
  return comments;
}

type LinesFor = (id: string) => string[];

function appended(text: string, ids: string[], linesFor: LinesFor): string {
  if (ids.length === 0) return text;
  const open = openText(text);
  const nodes = ids.map((id) => ({ lines: linesFor(id), short: field(id, valueOf(linesFor(id), id)) }));
  return finish(open, withNodes(open, nodes), withValues(open.data, ids, linesFor));
}

function replaced(text: string, ids: string[], linesFor: LinesFor): string {
  if (ids.length === 0) return text;
  const open = openText(text);
  const { eol } = open.source;
  const patches = ids.map((id) => {
    const slot = slotAt(nodesOf(open).map ?? undefined, id) as Slot;
    const lines = linesFor(id).map((line) => (line === "" ? "" : indented(line, slot.column)));
    return { ...placeOf(text, slot), text: `${lines.join(eol)}${eol}` };
  });
  return finish(open, patches, withValues(open.data, ids, linesFor));
}

/** Takes out the lines of nodes, and no others: what stands between them stays. */
function without(text: string, ids: string[]): string {
  if (ids.length === 0) return text;
  const open = openText(text);
  const { map, data } = nodesOf(open);
  const patches = (map?.slots ?? [])
    .filter((slot) => ids.includes(slot.key))
    .map((slot) => ({ ...placeOf(text, slot), text: "" }));
  const left = Object.fromEntries(Object.entries(data).filter(([id]) => !ids.includes(id)));
  const start = slotAt(open.root, "nodes")?.after;
  if (Object.keys(left).length === 0 && start) patches.push({ start, end: start, text: " {}" });
  return finish(open, patches, withValue(open.data, ["nodes"], left));
}

/** The lines of a node with the comments that touch it. */
function placeOf(text: string, slot: Slot): { start: number; end: number } {
  return { start: touchingComment(text, slot), end: nextLine(text, ownedEnd(text, slot)) };
}

function withValues(data: Json, ids: string[], linesFor: LinesFor): Json {
  return ids.reduce((all, id) => withValue(all, ["nodes", id], valueOf(linesFor(id), id)), data);
}

function valueOf(lines: string[], id: string): Json {
  const { tree } = readText(`${lines.join("\n")}\n`);
  const value = treeAt(tree ?? undefined, [id]);
  return value ? toJson(value) : null;
}
