import { expect, test } from "vitest";
import { addNode, parseFlow } from "../../flow-text/flow-text";
import { EXAMPLES } from "./examples";
import { type FlowHead, nameFromTitle, nameProblem, stateOf } from "./flow-rules";
import { blankFlow, named } from "./new-flow";

test.each([
  ["", /Give/],
  ["1st", /small letter/],
  ["Damage", /small letter/],
  ["a b", /hyphens only/],
  ["routes", /No flow can be called/],
  ["welcome", /already/],
  ["damage-report", /^$/],
])("the name %j is judged before it is sent", (name, words) => {
  expect(nameProblem(name, new Set(["welcome"]))).toMatch(words);
});

test("a name is made of the title, and is free", () => {
  expect(nameFromTitle("Schäden am Auto!", new Set())).toBe("schaden-am-auto");
  expect(nameFromTitle("Welcome", new Set(["welcome"]))).toBe("welcome-2");
  expect(nameFromTitle("", new Set())).toBe("");
});

test("a blank flow keeps a hostile title as text, and takes its first node", () => {
  const text = blankFlow("new-one", "a: [b] # <script>");
  expect(parseFlow(text).flow).toMatchObject({ name: "new-one", title: "a: [b] # <script>", nodes: [] });
  const one = addNode(text, { id: "first", type: "text", fields: { text: "Hello" } });
  expect(parseFlow(one).flow?.nodes.map(({ id }) => id)).toEqual(["first"]);
});

test("every example of the repository is a flow, and gets another name", () => {
  expect(EXAMPLES.length).toBeGreaterThan(5);
  for (const { text } of EXAMPLES) {
    const renamed = parseFlow(named(text, "mine", "Mine")).flow;
    expect(renamed).toMatchObject({ name: "mine", title: "Mine" });
    expect(renamed?.nodes.length).toBe(parseFlow(text).flow?.nodes.length);
  }
});

test("the state of a flow says whether its draft differs, and whether it was live once", () => {
  const live = { version: 3, draft: { revision: 1 } } as FlowHead;
  const draft = { version: null, draft: { revision: 1 } } as FlowHead;
  expect([stateOf(live, true, null), stateOf(live, false, null)]).toEqual(["differs", "live"]);
  expect([stateOf(draft, null, false), stateOf(draft, null, true)]).toEqual(["draft", "withdrawn"]);
});
