import { describe, expect, it } from "vitest";
import { type FlowModel, parseFlow } from "../../flow-text/flow-text";
import { flowDifference, isSame, summary } from "./flow-difference";

const LIVE = `flow: hello
title: Hello
start: greet
nodes:
  greet:
    type: text
    say: Good day
    then: ask
  ask:
    type: menu
    prompt: Which one?
    options:
      - {id: a, title: First}
      - {id: b, title: Second}
    exits: {gave_up: end}
`;

function difference(after: string, before: string | null = LIVE) {
  return flowDifference(before === null ? null : flowOf(before), flowOf(after));
}

function flowOf(text: string): FlowModel {
  const { flow, errors } = parseFlow(text);
  if (!flow) throw new Error(JSON.stringify(errors));
  return flow;
}

describe("the difference of two flows", () => {
  it("is none where only comments, order and layout differ", () => {
    const found = difference(LIVE.replace("nodes:", "# the nodes\nnodes:").replace("Good day", '"Good day"'));
    expect(isSame(found)).toBe(true);
    expect(summary(found)).toBe("Only comments and layout of the text differ.");
  });

  it("names the changed fields, also in lists, and exits in words", () => {
    const found = difference(LIVE.replace("Second", "Other").replace("gave_up: end", "gave_up: {flow: human}"));
    expect(found.nodes).toEqual([
      {
        node: "ask",
        type: "menu",
        kind: "changed",
        fields: [
          { field: "options 2, title", before: "Second", after: "Other" },
          { field: "exit gave_up", before: "end of the conversation", after: "flow human" },
        ],
      },
    ]);
    expect(summary(found)).toBe("1 node changed.");
  });

  it("tells added and removed nodes", () => {
    const found = difference(
      `${LIVE.slice(0, LIVE.indexOf("  ask:"))}  bye:\n    type: text\n    say: Bye\n    then: end\n`,
    );
    expect(found.nodes.map((node) => [node.node, node.kind])).toEqual([
      ["bye", "added"],
      ["ask", "removed"],
    ]);
    expect(found.nodes[0]?.fields).toContainEqual({ field: "say", before: null, after: "Bye" });
  });

  it("tells changed settings of the flow", () => {
    const found = difference(LIVE.replace("title: Hello", "title: Hi\nsession: {timeout: 10m}"));
    expect(found.settings).toEqual([
      { field: "title", before: "Hello", after: "Hi" },
      { field: "session, timeout", before: null, after: "10m" },
    ]);
    expect(summary(found)).toBe("settings of the flow changed.");
  });

  it("of a flow that was never live is all of it", () => {
    expect(difference(LIVE, null).nodes.map((node) => node.kind)).toEqual(["added", "added"]);
  });
});
