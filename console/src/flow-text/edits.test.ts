import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeType } from "../node-types/node-type";
import answer from "../node-types/testing/node-types.json";
import { EditRefused, parseFlow } from "./flow-text";
import { lineEnd } from "./lines";
import { type Json, sameJson } from "./model";
import { touchingComment } from "./patches";
import { readText } from "./reading";
import { anyFlow, Dice, written } from "./testing/documents";
import { anyEdit, type Edit } from "./testing/edits";
import { type Collection, type Slot, slotAt, type Tree, toJson, treeAt } from "./tree";

declare const process: { env: Record<string, string | undefined> };

const EDITS = Number(process.env.CONSOLE_EDITS ?? 500);
const types = answer as unknown as NodeType[];
const EXAMPLES = Object.values(
  import.meta.glob<string>("../../../flows/**/*.yaml", { query: "?raw", import: "default", eager: true }),
);
type Fields = { [key: string]: Json };

test(`${EDITS} random edits of random flows change what they are about, and nothing else`, () => {
  let refused = 0;
  const seeds = fc.noShrink(fc.nat(2 ** 31 - 1));
  fc.assert(
    fc.property(seeds, (seed) => {
      const dice = new Dice(seed);
      const text = anyText(dice);
      const tree = treeOf(text);
      const edit = anyEdit(dice, text, toJson(tree) as Fields, types);
      try {
        check(edit, text, tree, edit.apply(text));
      } catch (error) {
        if (error instanceof EditRefused) refused += 1;
        else throw error;
      }
    }),
    { numRuns: EDITS },
  );
  expect(refused / EDITS).toBeLessThan(0.03);
}, 600_000);

test("no text makes the reader fail, and each broken one has a line", () => {
  const parts = [
    "nodes:",
    " ",
    "\n",
    "\r\n",
    "- ",
    "a: ",
    "b",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    '"',
    "#",
    "|",
    ">",
    "&a ",
    "*a",
    "!x ",
    "? ",
    ": ",
    "---",
    "\t",
    "%",
    "[[x]]",
    "😀",
    "\u0000",
    "\ud800",
    "1e999",
    "<<: ",
    "@",
    "`",
  ];
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((all) => all.join("")),
      ),
      (text) => {
        const { flow, errors } = parseFlow(text);
        if (flow) {
          expect(errors).toEqual([]);
          return;
        }
        const lines = text.split("\n").length;
        expect(errors.length).toBeGreaterThan(0);
        for (const { line, column } of errors) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThanOrEqual(1);
        }
      },
    ),
    { numRuns: EDITS * 2 },
  );
}, 600_000);

function anyText(dice: Dice): string {
  if (dice.chance(15)) return dice.pick(EXAMPLES);
  const data = anyFlow(dice);
  let text = written(data, dice);
  // Without a line break at the end, a block of text that keeps its own has lost it.
  if (!sameJson(toJson(treeOf(text)), data)) text += text.includes("\r\n") ? "\r\n" : "\n";
  if (!sameJson(toJson(treeOf(text)), data))
    throw new Error(`is read as ${JSON.stringify(toJson(treeOf(text)))}:\n${text}`);
  return text;
}

function treeOf(text: string): Collection {
  const { tree, errors } = readText(text);
  if (tree?.kind !== "map") throw new Error(`${JSON.stringify(errors)}\n${text}`);
  return tree;
}

function check(edit: Edit, text: string, tree: Collection, edited: string): void {
  const fail = (why: string): never => {
    throw new Error(`${edit.words}: ${why}\n--- before\n${text}\n--- after\n${edited}\n---`);
  };
  const result = readText(edited);
  if (result.tree?.kind !== "map") return fail(`is broken: ${JSON.stringify(result.errors)}`);
  const says = toJson(result.tree);
  if (edit.expected && !sameJson(says, edit.expected))
    fail(`says ${JSON.stringify(says)}, not ${JSON.stringify(edit.expected)}`);
  const wrong = edit.check?.(edited);
  if (wrong) fail(wrong);
  checkSurvivors(text, tree, edited, result.tree, fail);
  const slot = edit.node === null ? undefined : slotAt(treeAt(tree, ["nodes"]), edit.node);
  if (!slot) return;
  const inBrackets = (treeAt(tree, ["nodes"]) as Collection).flow;
  if (!edited.startsWith(text.slice(0, slot.start))) fail("bytes before the node are others");
  if (!edited.endsWith(text.slice(inBrackets ? slot.end : lineEnd(text, slot.end))))
    fail("bytes behind the node are others");
}

/** What says the same is written the same, with its comments. */
function checkSurvivors(text: string, before: Tree, edited: string, after: Tree, fail: (why: string) => void): void {
  if (before.kind !== "map" || after.kind !== "map") return;
  for (const slot of before.slots) {
    const left = slotAt(after, slot.key);
    if (!left) continue;
    if (!sameJson(toJson(slot.value), toJson(left.value))) {
      checkSurvivors(text, slot.value, edited, left.value, fail);
      continue;
    }
    if (text.slice(slot.start, slot.end) !== edited.slice(left.start, left.end))
      fail(`${slot.key} is written otherwise`);
    for (const comment of before.flow ? [] : commentsOf(text, slot)) {
      if (!edited.includes(comment)) fail(`${slot.key} has lost its comment: ${comment}`);
    }
  }
}

function commentsOf(text: string, slot: Slot): string[] {
  return text.slice(touchingComment(text, slot), lineEnd(text, slot.end)).match(/# comment \d+:/g) ?? [];
}
