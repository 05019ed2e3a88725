import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EditRefused } from "../../flow-text/flow-text";
import { commentsIn, type Parts, partsOf } from "../../flow-text/parts";
import { anyFlow, Dice, written } from "../../flow-text/testing/documents";
import { differences, linesOf, merged, type Side } from "./merging";

const BASE = `# Greets people.
flow: hello
title: Hello
start: a
nodes:
  # the first
  a:
    type: text
    say: One
    then: b
  b:
    type: text
    say: Two
    then: end
`;

const choose = (sides: Record<string, Side>) => (node: string | null) => sides[node ?? "settings"] ?? "theirs";

describe("two changed texts of one draft", () => {
  const mine = BASE.replace("One", "One of mine").replace("title: Hello", "title: Hi");
  const theirs = BASE.replace("Two", "Two of theirs").replace("One", "One of theirs");

  it("differ in parts that one of them changed, or both", () => {
    expect(differences(BASE, mine, theirs)).toEqual([
      { node: null, changedBy: "mine" },
      { node: "a", changedBy: "both" },
      { node: "b", changedBy: "theirs" },
    ]);
  });

  it("differ in comments, too: inside a node, above it, and around the nodes", () => {
    const commented = BASE.replace("    say: One", "    # why one\n    say: One")
      .replace("  b:\n", "  # the second\n  b:\n")
      .replace("# Greets people.", "# Greets everybody.");
    expect(differences(BASE, commented, BASE)?.map(({ node }) => node)).toEqual([null, "a", "b"]);
    expect(differences(BASE, BASE, commented)?.every((each) => each.changedBy === "theirs")).toBe(true);
  });

  it("are all to be chosen when nobody knows what they go back to", () => {
    expect(differences("", mine, theirs)?.map((each) => each.changedBy)).toEqual(["both", "both", "both"]);
  });

  it("are merged when one of them added or deleted nodes", () => {
    const fewer = BASE.replace("    then: b\n", "    then: end\n").replace(/ {2}b:[^]*$/, "");
    const more = `${BASE}  c:\n    type: text\n    say: Three # of mine\n    then: end\n`;
    expect([...(partsOf(merged(fewer, more, choose({ b: "mine" })))?.nodes.keys() ?? [])]).toEqual(["a", "c"]);
    expect(merged(more, fewer, choose({ c: "mine" }))).toContain("say: Three # of mine");
    const none = BASE.replace(/nodes:[^]*$/, "nodes: {}\n");
    expect(merged(none, BASE, choose({ a: "mine", b: "mine" }))).toBe(none);
    expect(partsOf(merged(BASE, none, choose({ a: "mine", b: "mine" })))?.nodes).toEqual(partsOf(BASE)?.nodes);
  });

  it("are taken as a whole where one is broken or written in brackets", () => {
    for (const text of ["nodes: [", '{"flow": "hello", "nodes": {"a": {"type": "text"}}}']) {
      expect(differences(BASE, text, theirs)).toBeNull();
      expect(() => merged(text, theirs, choose({}))).toThrow(EditRefused);
    }
  });

  it("are merged so that each part reads as on the side that was chosen, and no comment is lost", () => {
    const seeds = fc.tuple(fc.integer(), fc.integer(), fc.integer());
    let count = 0;
    fc.assert(
      fc.property(seeds, ([one, other, choice]) => {
        const [mine, theirs] = [one, other].map((seed) => written(anyFlow(new Dice(seed)), new Dice(seed))) as [
          string,
          string,
        ];
        const dice = new Dice(choice);
        const sides = new Map<string | null, Side>();
        const sideOf = (node: string | null) => {
          const side = sides.get(node) ?? (dice.chance(50) ? "mine" : "theirs");
          sides.set(node, side);
          return side;
        };
        const parts = { mine: partsOf(mine), theirs: partsOf(theirs) };
        if (!parts.mine || !parts.theirs) return;
        const text = merged(mine, theirs, sideOf);
        count += 1;
        const result = partsOf(text) as Parts;
        const comments: string[] = [];
        for (const node of [null, ...new Set([...parts.mine.nodes.keys(), ...parts.theirs.nodes.keys()])]) {
          const chosen = linesOf(parts[sideOf(node)] as Parts, node);
          comments.push(...commentsIn(chosen ?? ""));
          if (chosen === undefined) expect(result.nodes.has(node ?? "")).toBe(false);
          // A comment that stood apart may touch a node now, where the one between them is gone.
          else if (node !== null) expect(result.nodes.get(node)).toContain(chosen);
        }
        expect(commentsIn(text).toSorted()).toEqual(comments.toSorted());
      }),
      { numRuns: 80 },
    );
    expect(count).toBeGreaterThan(25);
  });
});
