/** Names of nodes. */

import { EditRefused } from "./model";

const IDENTIFIER = /^[a-z][a-z0-9_]{0,63}$/;
const LONGEST = 64;
const END = "end"; // as a target, the end of the session

/** Throws EditRefused for a name that a new node cannot have. */
export function checkName(taken: ReadonlySet<string>, name: string): void {
  if (name === END) throw new EditRefused(`"${END}" stands for the end of the flow. Choose another name.`);
  if (!IDENTIFIER.test(name)) {
    throw new EditRefused(
      `"${name}" cannot be a name. Begin with a small letter; then small letters, digits and _ (at most ${LONGEST}).`,
    );
  }
  if (taken.has(name)) throw new EditRefused(`This flow has a node "${name}" already. Choose another name.`);
}

/** The nearest name to the wanted one that a new node can have: with a number where it is taken. */
export function firstFree(taken: ReadonlySet<string>, wanted: string): string {
  const plain = wanted
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, LONGEST);
  const base = IDENTIFIER.test(wanted) ? wanted : plain || "node";
  if (base !== END && !taken.has(base)) return base;
  const stem = base.replace(/_[0-9]+$/, "");
  for (let number = 2; ; number += 1) {
    const ending = `_${number}`;
    const name = stem.slice(0, LONGEST - ending.length) + ending;
    if (!taken.has(name)) return name;
  }
}
