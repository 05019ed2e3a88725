/** Edits a value of a flow's text, and checks each edit: the new text must say what was wanted, and nothing else. */

import { breakOf, lineStart } from "./lines";
import { EditRefused, isRecord, type Json, sameJson } from "./model";
import { applyPatches, insertAfter, NOT_HERE, type Patch, removeSlots, replaceValue, type Source } from "./patches";
import { readText } from "./reading";
import { type Collection, type Slot, type Step, slotAt, type Tree, toJson } from "./tree";
import { field, fieldLines, inBrackets, itemLines } from "./writing";

export interface Open {
  source: Source;
  root: Collection;
  /** The value of the whole text. */
  data: { [key: string]: Json };
}

/** Read a text to edit it. Throws EditRefused when it is broken. */
export function openText(text: string): Open {
  const { tree, errors } = readText(text);
  if (tree?.kind !== "map") {
    const line = errors[0] ? ` in line ${errors[0].line}` : "";
    throw new EditRefused(`The text of this flow has a mistake${line}. Mend it in the text view first.`);
  }
  return {
    source: { text, eol: breakOf(text), step: stepOf(text, tree) },
    root: tree,
    data: toJson(tree) as Open["data"],
  };
}

/** The edited text. Throws EditRefused when it does not say `wanted`. */
export function finish({ source, data }: Open, patches: Patch[], wanted: Json): string {
  if (patches.length === 0 && sameJson(data, wanted)) return source.text;
  const text = applyPatches(source.text, patches);
  const { tree } = readText(text);
  if (!tree || !sameJson(toJson(tree), wanted)) throw new EditRefused(NOT_HERE);
  return text;
}

/** The patches that write a value at a path below a slot or the whole text; undefined takes it out. */
export function patchesAt(
  source: Source,
  tree: Tree,
  owner: Slot | null,
  path: Step[],
  value: Json | undefined,
  inFlow = false,
): Patch[] {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (!owner || value === undefined) throw new EditRefused(NOT_HERE);
    return changedValue(source, owner, inFlow, value);
  }
  const slot = slotAt(tree, step);
  const flow = tree.kind !== "scalar" && tree.flow;
  if (slot && (rest.length > 0 || value !== undefined)) return patchesAt(source, slot.value, slot, rest, value, flow);
  if (value === undefined) {
    if (!slot || tree.kind === "scalar") return [];
    if (tree.slots.length > 1) return removeSlots(source, tree, new Set([slot]));
    if (!owner) throw new EditRefused(NOT_HERE);
    return replaceValue(source, owner, inFlow, tree.kind === "map" ? {} : []);
  }
  const nested = nest(rest, value);
  if (tree.kind === "list" && step === tree.slots.length && tree.slots.length > 0) {
    return [insertItems(source, tree, tree.slots.at(-1) ?? null, [nested])];
  }
  if (tree.kind === "map" && tree.slots.length > 0)
    return [insertFields(source, tree, { [step]: nested }, owner === null)];
  if (!owner) throw new EditRefused(NOT_HERE);
  return replaceValue(source, owner, inFlow, nest([step], nested));
}

/** The patches that turn the value of a slot into another one, and leave alone what is the same in both. */
export function changedValue(source: Source, slot: Slot, inFlow: boolean, value: Json): Patch[] {
  const old = slot.value;
  if (sameJson(toJson(old), value)) return [];
  if (old.kind === "map" && isRecord(value)) {
    const kept = old.slots.filter((each) => Object.hasOwn(value, each.key));
    if (kept.length > 0) return changedFields(source, old, kept, value);
  }
  if (old.kind === "list" && Array.isArray(value) && value.length > 0 && old.slots.length > 0) {
    return changedItems(source, old, value);
  }
  return replaceValue(source, slot, inFlow, value);
}

function changedFields(source: Source, map: Collection, kept: Slot[], value: { [key: string]: Json }): Patch[] {
  const removed = new Set(map.slots.filter((each) => !kept.includes(each)));
  const added = Object.fromEntries(Object.entries(value).filter(([key]) => !slotAt(map, key)));
  return [
    ...kept.flatMap((each) => changedValue(source, each, map.flow, value[each.key] as Json)),
    ...removeSlots(source, map, removed),
    ...(Object.keys(added).length > 0 ? [insertFields(source, { ...map, slots: kept }, added, false)] : []),
  ];
}

function changedItems(source: Source, list: Collection, value: Json[]): Patch[] {
  const old = list.slots;
  const most = Math.min(old.length, value.length);
  const same = (at: number, other: number) => sameJson(toJson((old[at] as Slot).value), value[other]);
  let head = 0;
  while (head < most && same(head, head)) head += 1;
  let tail = 0;
  while (tail < most - head && same(old.length - 1 - tail, value.length - 1 - tail)) tail += 1;
  const changed = most - head - tail;
  const pairs = old.slice(head, head + changed);
  const removed = new Set(old.slice(head + changed, old.length - tail));
  const added = value.slice(head + changed, value.length - tail);
  return [
    ...pairs.flatMap((each, at) => changedValue(source, each, list.flow, value[head + at] as Json)),
    ...removeSlots(source, list, removed),
    ...(added.length > 0 ? [insertItems(source, list, old[head + changed - 1] ?? null, added)] : []),
  ];
}

/** Fields go behind the others, but before the last ones: the exits of a node, and the nodes of a flow. */
function insertFields(source: Source, map: Collection, fields: { [key: string]: Json }, isRoot: boolean): Patch {
  const last = isRoot ? ["nodes"] : ["exits", "then"];
  const isLate = Object.keys(fields).some((key) => last.includes(key));
  const earlier = map.slots.filter((each) => !last.includes(each.key));
  const after = (isLate ? undefined : earlier.at(-1)) ?? map.slots.at(-1) ?? null;
  const column = map.slots[0]?.column ?? 0;
  const lines = Object.entries(fields).flatMap(([key, each]) => fieldLines(key, each, column, source.step));
  return insertAfter(source, map, after, {
    lines,
    short: Object.entries(fields).map(([key, each]) => field(key, each)),
  });
}

function insertItems(source: Source, list: Collection, after: Slot | null, items: Json[]): Patch {
  const column = list.slots[0]?.column ?? 0;
  const lines = items.flatMap((each) => itemLines(each, column, source.step));
  return insertAfter(source, list, after, { lines, short: items.map(inBrackets) });
}

function nest(path: Step[], value: Json): Json {
  return path.reduceRight<Json>((inside, step) => (typeof step === "number" ? [inside] : { [step]: inside }), value);
}

/** The value with another one at a path; undefined takes it out. What stands in the way is replaced. */
export function withValue(data: Json, path: Step[], value: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value ?? null;
  if (Array.isArray(data) && typeof step === "number") {
    if (value === undefined && rest.length === 0) return data.filter((_, at) => at !== step);
    if (step > data.length) throw new EditRefused(NOT_HERE);
    const inside = data[step];
    if (inside === undefined && value === undefined) return data;
    return [
      ...data.slice(0, step),
      inside === undefined ? nest(rest, value as Json) : withValue(inside, rest, value),
      ...data.slice(step + 1),
    ];
  }
  if (!isRecord(data)) return value === undefined ? data : nest(path, value);
  const { [step]: inside, ...others } = data;
  if (value === undefined && (rest.length === 0 || inside === undefined)) return rest.length === 0 ? others : data;
  return { ...data, [step]: inside === undefined ? nest(rest, value as Json) : withValue(inside, rest, value) };
}

/** By how many blanks the text indents its nodes, or the first block in it. */
function stepOf(text: string, root: Collection): number {
  const blocks = root.slots.filter(({ value }) => value.kind === "map" && !value.flow && value.slots.length > 0);
  const block = blocks.find((slot) => slot.key === "nodes") ?? blocks[0];
  const inside = block?.value.kind === "map" ? block.value.slots[0] : undefined;
  if (!block || !inside || lineStart(text, inside.start) === lineStart(text, block.start)) return 2;
  return Math.max(1, inside.column - block.column);
}
