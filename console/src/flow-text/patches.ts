/** Small changes of a text by offsets: what every edit of a flow consists of. */

import { lineAt, lineEnd, lineStart, nextLine } from "./lines";
import { EditRefused, type Json } from "./model";
import { isScalar, writeScalar } from "./scalars";
import { type Collection, lastScalar, type Slot, type Style } from "./tree";
import { asBlock, inBrackets } from "./writing";

export interface Patch {
  start: number;
  end: number;
  text: string;
}

/** What patches need to know of the text around them. */
export interface Source {
  text: string;
  /** The line break in use. */
  eol: string;
  /** By how many blanks blocks are indented. */
  step: number;
}

/** The text with these patches. Removals may overlap. */
export function applyPatches(text: string, patches: Patch[]): string {
  const sorted = patches
    .map((patch, place) => ({ ...patch, place }))
    .sort((one, other) => one.start - other.start || one.end - other.end || one.place - other.place);
  let result = "";
  let at = 0;
  for (const patch of sorted) {
    if (patch.start < at && patch.text !== "") throw new EditRefused(NOT_HERE);
    result += text.slice(at, Math.max(at, patch.start)) + patch.text;
    at = Math.max(at, patch.end);
  }
  return result + text.slice(at);
}

export const NOT_HERE =
  "This cannot be changed here without changing what stands around it. Change it in the text view.";

/** Write another value into a slot. */
export function replaceValue({ text, eol, step }: Source, slot: Slot, inFlow: boolean, value: Json): Patch[] {
  const old = slot.value;
  if (slot.explicit) throw new EditRefused(NOT_HERE);
  const style: Style = old.kind === "scalar" ? old.style : "plain";
  const empty = old.kind === "scalar" && old.style === "empty";
  if (inFlow) {
    const written = isScalar(value) ? writeScalar(value, style, true) : inBrackets(value);
    if (!empty) return [{ start: old.start, end: old.end, text: written }];
    const at = slot.after ?? slot.keyEnd;
    return [{ start: at, end: at, text: `${slot.after === null ? ":" : ""} ${written}` }];
  }
  const after = slot.after ?? slot.keyEnd;
  const { head, lines } = asBlock(value, slot.column, step, style);
  const below = lines.map((line) => eol + line).join("");
  const spaced = head && ` ${head}`;
  if (empty) return [insertion(after, spaced), insertion(lineEnd(text, after), below)];
  const sameLine = lineStart(text, old.start) === lineStart(text, slot.start);
  if (old.kind === "scalar" && old.block) {
    const signLine = lineEnd(text, old.start);
    const content = { start: signLine, end: Math.max(signLine, old.end), text: below };
    return [{ start: sameLine ? after : old.start, end: old.block.signEnd, text: sameLine ? spaced : head }, content];
  }
  if (old.kind !== "scalar" && !old.flow && !sameLine) {
    const keyLine = lineEnd(text, after);
    return [insertion(after, spaced), { start: keyLine, end: lineEnd(text, old.end), text: below }];
  }
  if (sameLine) {
    const end = lineEnd(text, old.end);
    return [{ start: after, end: old.end, text: spaced }, insertion(end, below)];
  }
  if (head) return [{ start: old.start, end: old.end, text: head }, insertion(lineEnd(text, old.end), below)];
  return [{ start: lineStart(text, old.start), end: lineEnd(text, old.end), text: below.slice(eol.length) }];
}

function insertion(at: number, text: string): Patch {
  return { start: at, end: at, text };
}

/** New entries behind a slot of a collection; null puts them first. `lines` and `short` are the same entries, written. */
export function insertAfter(
  { text, eol }: Source,
  collection: Collection,
  slot: Slot | null,
  entries: { lines: string[]; short: string[] },
  end = slot ? lineEnd(text, slot.end) : 0,
): Patch {
  const first = collection.slots[0];
  if (collection.flow) {
    if (slot) return insertion(slot.end, entries.short.map((each) => `, ${each}`).join(""));
    if (first) return insertion(first.start, entries.short.map((each) => `${each}, `).join(""));
    return insertion(collection.start + 1, entries.short.join(", "));
  }
  const endsInBlock = slot && end === text.length && !text.endsWith("\n") && lastScalar(slot.value)?.block?.keepsBreak;
  const before = endsInBlock ? slot : slot ? null : first;
  if (before) {
    const written = entries.lines.join(eol).trimStart();
    return insertion(before.start, written + eol + " ".repeat(before.column));
  }
  return insertion(end, entries.lines.map((line) => eol + line).join(""));
}

/** Take slots out of a collection that keeps at least one. `withComments` takes the comments that touch them, too. */
export function removeSlots(source: Source, collection: Collection, slots: Set<Slot>, withComments = false): Patch[] {
  const runs = runsOf(collection, slots);
  return runs.map((run) =>
    collection.flow ? removedInBrackets(source.text, run) : removedLines(source.text, run, withComments),
  );
}

interface Run {
  before: Slot | undefined;
  first: Slot;
  last: Slot;
  next: Slot | undefined;
}

/** The slots to take out, neighbours together. */
function runsOf(collection: Collection, slots: Set<Slot>): Run[] {
  const runs: Run[] = [];
  let before: Slot | undefined;
  let open: Run | undefined;
  for (const slot of collection.slots) {
    if (slots.has(slot)) {
      if (slot.explicit) throw new EditRefused(NOT_HERE);
      if (open) open.last = slot;
      else runs.push((open = { before, first: slot, last: slot, next: undefined }));
    } else {
      if (open) open.next = slot;
      open = undefined;
      before = slot;
    }
  }
  return runs;
}

function removedLines(text: string, { before, first, last, next }: Run, withComments: boolean): Patch {
  const line = lineStart(text, first.start);
  if (text.slice(line, first.start).trim() !== "") {
    // The first field behind the dash of an item: the next one takes its place.
    const between = next ? text.slice(lineEnd(text, last.end), next.start) : "";
    if (next && between.trim() === "") return { start: first.start, end: next.start, text: "" };
    return { start: first.start, end: lineEnd(text, last.end), text: "" };
  }
  let start = withComments ? touchingComment(text, first) : line;
  let end = nextLine(text, withComments ? ownedEnd(text, last) : last.end);
  if (next) {
    if (!before || isBlank(text, lineStart(text, start - 1), start)) end = skipBlankLines(text, end);
  } else if (before && !lastScalar(before.value)?.block?.keepsBreak) {
    while (start > 0 && isBlank(text, lineStart(text, start - 1), start)) start = lineStart(text, start - 1);
  }
  return { start, end, text: "" };
}

function isBlank(text: string, start: number, end: number): boolean {
  return start < end && text.slice(start, end).trim() === "";
}

function skipBlankLines(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && lineAt(text, at).trim() === "") at = nextLine(text, at);
  return at;
}

/** Where the comment begins that touches a slot from above; the beginning of its line without one. */
export function touchingComment(text: string, slot: Slot): number {
  let start = lineStart(text, slot.start);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!text.startsWith(`${" ".repeat(slot.column)}#`, above)) break;
    start = above;
  }
  return start;
}

/** Where a slot ends, with the comments below it that are indented like what is in it. */
export function ownedEnd(text: string, slot: Slot): number {
  let end = lineEnd(text, slot.end);
  while (end < text.length) {
    const below = nextLine(text, end);
    const line = lineAt(text, below);
    if (!line.trimStart().startsWith("#") || line.length - line.trimStart().length <= slot.column) break;
    end = lineEnd(text, below);
  }
  return end;
}

function removedInBrackets(text: string, { before, first, last, next }: Run): Patch {
  const line = lineStart(text, first.start);
  const startsLine = text.slice(line, first.start).trim() === "";
  const comma = commaBehind(text, last.end);
  const behind = comma === null ? last.end : comma + 1;
  if (next) {
    if (!text.slice(last.end, next.start).includes("\n")) return { start: first.start, end: next.start, text: "" };
    const wholeLine = startsLine && lineEnd(text, last.end) === lineEnd(text, behind);
    return wholeLine
      ? { start: line, end: nextLine(text, behind), text: "" }
      : { start: first.start, end: behind, text: "" };
  }
  if (before && !text.slice(before.end, first.start).includes("\n"))
    return { start: before.end, end: last.end, text: "" };
  const rest = text.slice(behind, lineEnd(text, behind)).trim();
  if (startsLine && (rest === "" || rest.startsWith("#")))
    return { start: line, end: nextLine(text, behind), text: "" };
  return { start: first.start, end: behind, text: "" };
}

/** The comma between a value in brackets and what follows; null before the bracket. */
function commaBehind(text: string, offset: number): number | null {
  for (let at = offset; at < text.length; at += 1) {
    if (text[at] === ",") return at;
    if (text[at] === "#") at = lineEnd(text, at);
    else if (!/\s/.test(text[at] ?? "")) return null;
  }
  return null;
}
