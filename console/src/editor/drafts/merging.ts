import { EditRefused } from "../../flow-text/flow-text";
import { type Parts, partsOf, withParts } from "../../flow-text/parts";

export type Side = "mine" | "theirs";

/** What differs between two texts of a flow: a node, or (`node` null) what stands around the nodes: settings, comments. */
export interface Difference {
  node: string | null;
  /** Who changed it since the text that both go back to; `both`: the user must choose. */
  changedBy: Side | "both";
}

/**
 * The parts that differ, in their lines: a comment counts as much as a field. `base` is the text that both go back to, ""
 * where it is not known. Null: one of the texts has no parts, so it can only be taken as a whole.
 */
export function differences(base: string, mine: string, theirs: string): Difference[] | null {
  const [old, one, other] = [partsOf(base), partsOf(mine), partsOf(theirs)];
  if (!one || !other) return null;
  const parts = [null, ...new Set([...one.nodes.keys(), ...other.nodes.keys()])];
  return parts
    .map((node) => ({
      node,
      changedBy: changedBy(old && [linesOf(old, node)], linesOf(one, node), linesOf(other, node)),
    }))
    .filter((each): each is Difference => each.changedBy !== null);
}

function changedBy(base: [string | undefined] | null, mine: string | undefined, theirs: string | undefined) {
  if (mine === theirs) return null;
  if (!base) return "both";
  return base[0] === mine ? "theirs" : base[0] === theirs ? "mine" : "both";
}

/**
 * One text of two: each part comes from the side that `sideOf` says, as it is written there, comments included. Throws
 * EditRefused.
 */
export function merged(mine: string, theirs: string, sideOf: (node: string | null) => Side): string {
  const frame = sideOf(null);
  const [text, other] = frame === "mine" ? [mine, theirs] : [theirs, mine];
  const [here, there] = [partsOf(text), partsOf(other)];
  if (!here || !there) throw new EditRefused("One of the texts has no parts that could be taken.");
  const taken = new Map<string, string | null>();
  for (const node of new Set([...here.nodes.keys(), ...there.nodes.keys()])) {
    if (sideOf(node) !== frame && here.nodes.get(node) !== there.nodes.get(node)) {
      taken.set(node, there.nodes.get(node) ?? null);
    }
  }
  return withParts(text, taken);
}

/** The lines of a part; undefined where this text does not have it. */
export function linesOf(parts: Parts, node: string | null): string | undefined {
  return node === null ? parts.rest : parts.nodes.get(node);
}
