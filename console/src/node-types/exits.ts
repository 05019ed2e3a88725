/** The exits of a node: what its type declares, with what the node says. */

import { type FlowNode, isRecord, type Json, type Target, toTarget } from "../flow-text/model";
import { type NodeExit, type NodeType, variantOf } from "./node-type";
import { isTarget, itemOf, nodeSchema, type Placed, property } from "./schemas";

/** An exit as the canvas and the forms show it. */
export interface Exit {
  name: string;
  label: string;
  required: boolean;
  main: boolean;
  setback: boolean;
  timeout: boolean;
  optional: boolean;
  /** Null where nothing is written: the exit leads to the end, or is not there if it is optional. */
  target: Target | null;
}

/** An exit with the fields that may say where it leads. */
export interface PlacedExit extends Exit {
  /** The path of a field of its own, where the type has one: `then` of an entry, or a field named like the exit. */
  own: (string | number)[] | null;
  writtenAt: "own" | "exits" | "then" | null;
}

/**
 * The exits of a node, as its type declares them, in that order; then those that only the node has. For a node of an
 * unknown type, they are what is written.
 */
export function exitsOf(types: NodeType[], node: FlowNode): Exit[] {
  return placedExits(types, node).map(({ own: _, writtenAt: __, ...exit }) => exit);
}

/** The exits of a node, with their places. */
export function placedExits(types: NodeType[], node: FlowNode): PlacedExit[] {
  const variant = variantOf(types, node);
  const declared = variant?.exits ?? [];
  const schema = variant && nodeSchema(variant.config_schema);
  const fixed = new Set(declared.filter((exit) => !exit.each).map((exit) => exit.name));
  const exits = new Map<string, PlacedExit>();
  for (const exit of declared) {
    for (const each of exit.each ? entryExits(exit, node, schema, fixed) : [fixedExit(exit, schema)]) {
      exits.set(each.name, placed(each, node));
    }
  }
  for (const name of Object.keys(node.exits)) {
    if (!exits.has(name)) exits.set(name, placed({ ...UNDECLARED, name, label: name }, node));
  }
  if (!variant && node.then && exits.size === 0) {
    exits.set("then", { ...UNDECLARED, name: "then", label: "then", target: node.then, writtenAt: "then" });
  }
  return [...exits.values()];
}

const UNDECLARED: PlacedExit = {
  name: "",
  label: "",
  required: false,
  main: false,
  setback: false,
  timeout: false,
  optional: true,
  target: null,
  own: null,
  writtenAt: null,
};

function fixedExit(exit: NodeExit, schema: Placed | null): PlacedExit {
  const field = schema && property(schema, exit.name);
  return { ...unplaced(exit), own: field && isTarget(field) ? [exit.name] : null };
}

function* entryExits(exit: NodeExit, node: FlowNode, schema: Placed | null, fixed: Set<string>): Generator<PlacedExit> {
  if (exit.each === "exits") {
    for (const key of Object.keys(node.exits)) if (!fixed.has(key)) yield named(exit, { key });
    return;
  }
  const entries = node.fields[exit.each];
  const listed = schema && property(schema, exit.each);
  const item = listed && itemOf(listed);
  const then = item && property(item, "then");
  const hasThen = then !== null && isTarget(then);
  if (Array.isArray(entries)) {
    for (const [at, entry] of entries.entries()) {
      const words = { ...(isRecord(entry) ? entry : {}), number: at + 1 };
      yield { ...named(exit, words), own: hasThen ? [exit.each, at, "then"] : null };
    }
  } else if (isRecord(entries)) {
    for (const key of Object.keys(entries)) if (!fixed.has(key)) yield named(exit, { key });
  }
}

function named(exit: NodeExit, words: Record<string, Json>): PlacedExit {
  const name = filled(exit.name, words);
  return { ...unplaced(exit), name, label: filled(exit.label, words) || name };
}

function unplaced({ name, label, required, main, setback, timeout, optional }: NodeExit): PlacedExit {
  return { name, label, required, main, setback, timeout, optional, target: null, own: null, writtenAt: null };
}

function filled(pattern: string, words: Record<string, Json>): string {
  return pattern.replace(/\{(\w+)\}/g, (_, word: string) => {
    const value = Object.hasOwn(words, word) ? words[word] : "";
    return value === null || typeof value === "object" ? "" : String(value);
  });
}

/** The exit with its target. Written twice, the first of these counts: its own field, `exits`, `then`. */
function placed(exit: PlacedExit, node: FlowNode): PlacedExit {
  const own = exit.own?.reduce<Json | undefined>((at, step) => inside(at, step), node.fields);
  if (own !== undefined && own !== null) return { ...exit, target: toTarget(own), writtenAt: "own" };
  const written = Object.hasOwn(node.exits, exit.name) ? node.exits[exit.name] : undefined;
  if (written) return { ...exit, target: written, writtenAt: "exits" };
  return exit.main && node.then ? { ...exit, target: node.then, writtenAt: "then" } : exit;
}

function inside(value: Json | undefined, step: string | number): Json | undefined {
  if (Array.isArray(value)) return value[step as number];
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
