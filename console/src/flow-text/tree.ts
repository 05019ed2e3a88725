/** A YAML text as a tree of values with their places (offsets) in the text. */

import type { Json } from "./model";

export type Style = "plain" | "single" | "double" | "block" | "empty";

export interface Scalar {
  kind: "scalar";
  value: string | number | boolean | null;
  style: Style;
  start: number;
  /** Without a comment behind it and without the last line break. */
  end: number;
  /** Of a block of text: where its sign (such as `|-`) ends, and whether line breaks at its end count. */
  block?: { signEnd: number; keepsBreak: boolean };
}

/** A field of a map or an item of a list. */
export interface Slot {
  /** Empty in a list. */
  key: string;
  /** Of the key, or of the dash of an item. */
  start: number;
  keyEnd: number;
  /** Right behind the colon or the dash; null where there is none, as in `[a, b]`. */
  after: number | null;
  /** Characters before `start` in its line. */
  column: number;
  value: Tree;
  /** Of the value, or of the key where there is no value. */
  end: number;
  /** A key that is written with a question mark: its place cannot be edited. */
  explicit: boolean;
}

export interface Collection {
  kind: "map" | "list";
  /** Written with brackets. */
  flow: boolean;
  slots: Slot[];
  start: number;
  end: number;
}

export type Tree = Scalar | Collection;

/** A step into a map or a list. */
export type Step = string | number;

/** The value of a tree. */
export function toJson(tree: Tree): Json {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.slots.map((slot) => toJson(slot.value));
  return Object.fromEntries(tree.slots.map((slot) => [slot.key, toJson(slot.value)]));
}

/** The slot that a step leads to. */
export function slotAt(tree: Tree | undefined, step: Step): Slot | undefined {
  if (!tree || tree.kind === "scalar") return undefined;
  if (tree.kind === "list") return typeof step === "number" ? tree.slots[step] : undefined;
  return tree.slots.find((slot) => slot.key === String(step));
}

/** The tree at the end of a path. */
export function treeAt(tree: Tree | undefined, path: Step[]): Tree | undefined {
  return path.reduce<Tree | undefined>((at, step) => slotAt(at, step)?.value, tree);
}

/** Every text in a tree, with its place. */
export function* textsIn(tree: Tree): Generator<Scalar & { value: string }> {
  if (tree.kind !== "scalar") for (const slot of tree.slots) yield* textsIn(slot.value);
  else if (typeof tree.value === "string") yield tree as Scalar & { value: string };
}

/** The scalar that is written last in a tree. */
export function lastScalar(tree: Tree): Scalar | undefined {
  if (tree.kind === "scalar") return tree;
  const last = tree.flow ? undefined : tree.slots.at(-1);
  return last && lastScalar(last.value);
}
