import { expect, test } from "vitest";
import { parseFlow } from "../flow-text/flow-text";
import { cardOf, wordsOf } from "./card";
import { exitsOf } from "./exits";
import { nodeNames } from "./node-names";
import { type NodeType, variantOf } from "./node-type";
import answer from "./testing/node-types.json";

const types = answer as unknown as NodeType[];

function node(yaml: string) {
  const indented = yaml
    .trim()
    .split("\n")
    .map((line) => `    ${line}`);
  const { flow, errors } = parseFlow(`nodes:\n  it:\n${indented.join("\n")}\n`);
  if (!flow?.nodes[0]) throw new Error(JSON.stringify(errors));
  return flow.nodes[0];
}

test("the variant follows the field that chooses it, and is the first where that is missing", () => {
  expect(variantOf(types, node("type: media\ndirection: outbound"))?.when).toEqual({ direction: "outbound" });
  expect(variantOf(types, node("type: media\ndirection: inbound"))?.when).toEqual({ direction: "inbound" });
  expect(variantOf(types, node("type: media"))).toBe(types.find(({ name }) => name === "media")?.variants[0]);
  expect(variantOf(types, node("type: made_up"))).toBeNull();
});

test("what a node says is the first text for people on its card, whatever its field is called", () => {
  expect(wordsOf(types, node("type: text\nsay: Goodbye"))).toBe("Goodbye");
  expect(wordsOf(types, node("type: menu\nbutton: Choose\nprompt: What can I do?"))).toBe("What can I do?");
  expect(wordsOf(types, node("type: media\ndirection: outbound\ncaption: Your offer"))).toBe("Your offer");
  expect(wordsOf(types, node("type: api_integration\nintegration: claims"))).toBe("");
  expect(wordsOf(types, node("type: made_up\nsay: Hello"))).toBe("");
});

test("`then` stands for the main exit only", () => {
  const exits = exitsOf(types, node("type: text\nsay: Hello\nthen: next"));
  expect(exits.find(({ name }) => name === "sent")?.target).toEqual({ kind: "node", node: "next" });
  expect(exits.filter(({ target }) => target)).toHaveLength(1);
});

test("each option of a menu is an exit, with its own `then` before the common one", () => {
  const exits = exitsOf(
    types,
    node("type: menu\nprompt: x\noptions:\n  - {id: a, title: A, then: one}\n  - {id: b, title: B}\nthen: two"),
  );
  const targets = Object.fromEntries(exits.map(({ name, target }) => [name, target]));
  expect(targets.a).toEqual({ kind: "node", node: "one" });
  expect(targets.b).toEqual({ kind: "node", node: "two" });
});

test("the cases of a condition are counted from 1, and what is left has its own field", () => {
  const exits = exitsOf(
    types,
    node('type: condition\ncases:\n  - {if: "[[a]]", equals: 1, then: {flow: other}}\notherwise: end'),
  );
  expect(exits.map(({ name, target }) => [name, target])).toEqual([
    ["case_1", { kind: "flow", flow: "other" }],
    ["otherwise", { kind: "end" }],
  ]);
});

test("a node of an unknown type has the exits that are written", () => {
  expect(exitsOf(types, node("type: made_up\nexits: {a: one, b: end}")).map(({ name }) => name)).toEqual(["a", "b"]);
  expect(exitsOf(types, node("type: made_up\nthen: one")).map(({ name }) => name)).toEqual(["then"]);
});

test("a card says what the customer reads", () => {
  const card = cardOf(types, node("type: text\nsay: Hello\npreview_url: true"));
  expect(card.lines.map(({ text }) => text)).toEqual(["Hello"]);
  expect(card.icon).not.toBe("");
});

test("a card names the options by their titles, and the kinds in words", () => {
  const menu = cardOf(types, node("type: menu\nprompt: Which?\noptions: [{id: a, title: One}, {id: b, title: Two}]"));
  expect(menu.lines.map(({ text }) => text)).toEqual(["Which?", "One, Two"]);
  const media = cardOf(
    types,
    node("type: media\ndirection: inbound\nprompt: Send it\naccept: [image, video]\nsave_as: it"),
  );
  expect(media.lines.map(({ text }) => text)).toContain("image, video");
});

test("a card has a line for each case of a condition, with the whole comparison", () => {
  const card = cardOf(
    types,
    node('type: condition\ncases:\n  - {if: "[[a]]", equals: 1, then: x}\n  - {if: "[[b]]", exists: true, then: y}'),
  );
  const lines = card.lines[0]?.text.split("\n") ?? [];
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^\[\[a\]\] .+ 1$/);
  expect(lines[1]).toMatch(/^\[\[b\]\] .+ yes$/);
});

test("a card names the asset and the integration, wherever they are written", () => {
  expect(cardOf(types, node("type: media\ndirection: outbound\nsource: {asset: a.pdf}")).asset).toBe("a.pdf");
  expect(cardOf(types, node("type: api_integration\nintegration: claims")).integration).toBe("claims");
});

test("a node of an unknown type has a card with its type's name", () => {
  expect(cardOf(types, node("type: made_up\nsay: Hello"))).toEqual({ title: "made_up", icon: "", lines: [] });
});

test("names of nodes are found where targets stand, and nowhere else", () => {
  const names = [
    ...nodeNames(types, {
      type: "condition",
      cases: [{ if: "one", equals: "one", then: "one" }],
      otherwise: "two",
      exits: { failed: "three", other: { flow: "four" } },
    }),
  ];
  expect(names.map(({ path, name }) => [path.join("."), name])).toEqual([
    ["cases.0.then", "one"],
    ["otherwise", "two"],
    ["exits.failed", "three"],
  ]);
  expect([
    ...nodeNames(types, { type: "made_up", then: "one", deep: [{ then: "two" }], otherwise: "three" }),
  ]).toHaveLength(2);
});
