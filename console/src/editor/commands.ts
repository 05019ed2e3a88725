/** What the canvas, the outline and the keys do to the text of a flow. */

import {
  addNode,
  copyNodes,
  type FlowModel,
  type FlowNode,
  freeName,
  pasteNodes,
  setExit,
  setFlowField,
  type Target,
} from "../flow-text/flow-text";
import { exitsOf } from "../node-types/exits";
import type { NodeType } from "./editor-state";

/** An entry of the palette: a type of node, or a variant of one. */
export interface PaletteEntry {
  key: string;
  title: string;
  about: string;
  icon: string;
  type: string;
  fields: Record<string, string>;
}

export function paletteOf(types: readonly NodeType[]): PaletteEntry[] {
  return types.flatMap((type) =>
    type.variants.map((variant) => ({
      key: [type.name, ...Object.values(variant.when)].join("/"),
      title: type.variants.length === 1 ? type.title : `${type.title}: ${variant.title}`,
      about: type.about,
      icon: type.icon,
      type: type.name,
      fields: variant.when,
    })),
  );
}

/** Every word of the search must be in what the entry says. Those that say it in their title come first. */
export function foundEntries(entries: readonly PaletteEntry[], search: string): PaletteEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const says = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const found = entries.filter(({ title, about, type }) => says(`${title} ${about} ${type}`));
  return [...found.filter(({ title }) => says(title)), ...found.filter(({ title }) => !says(title))];
}

/** The node whose text or id fits a search; best first: id, then words. */
export function foundNodes(flow: FlowModel, search: string): FlowNode[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === "") return flow.nodes;
  const inId = flow.nodes.filter((node) => node.id.toLowerCase().includes(wanted));
  const inText = flow.nodes.filter(
    (node) => !inId.includes(node) && JSON.stringify([node.type, node.fields]).toLowerCase().includes(wanted),
  );
  return [...inId, ...inText];
}

/** The name of a new node: after its type, and what makes it this variant of it. */
export function newNodeName(flow: FlowModel, entry: PaletteEntry): string {
  return freeName(flow, [entry.type, ...Object.values(entry.fields)].join("_").replace(/[^a-z0-9_]/g, "_"));
}

/** The exit that a new node is connected to: a main exit, else the first that is required, where it leads nowhere yet. */
export function freeExit(
  flow: FlowModel,
  node: string | undefined,
  types: NodeType[],
): { node: string; exit: string } | null {
  const from = flow.nodes.find((each) => each.id === node);
  if (!from) return null;
  const exits = exitsOf(types, from);
  const exit = exits.find((each) => each.main && !each.target) ?? exits.find((each) => each.required);
  return exit && !exit.target ? { node: from.id, exit: exit.name } : null;
}

/** Add a node of this kind, and lead the exit to it. The first node of a flow is its start. */
export function withNewNode(
  text: string,
  flow: FlowModel,
  entry: PaletteEntry,
  id: string,
  from: { node: string; exit: string } | null,
  types: NodeType[],
): string {
  const added = addNode(text, { id, type: entry.type, fields: entry.fields });
  if (flow.nodes.length === 0) return setFlowField(added, ["start"], id);
  return from ? setExit(added, from.node, from.exit, { kind: "node", node: id }, types) : added;
}

export function withTarget(
  text: string,
  exit: { node: string; exit: string },
  target: Target | null,
  types: NodeType[],
  instead?: { node: string; exit: string },
): string {
  const moved = instead && (instead.node !== exit.node || instead.exit !== exit.exit);
  const freed = moved ? setExit(text, instead.node, instead.exit, null, types) : text;
  return setExit(freed, exit.node, exit.exit, target, types);
}

export function withDuplicates(
  text: string,
  ids: readonly string[],
  types: NodeType[],
): { text: string; ids: string[] } {
  return pasteNodes(text, copyNodes(text, [...ids]), types);
}

export function nodesInWords(ids: readonly string[]): string {
  return ids.length === 1 ? String(ids[0]) : `${ids.length} nodes`;
}
