import { describe, expect, it } from "vitest";
import { type FlowModel, parseFlow } from "../../flow-text/flow-text";
import { differences, withMine } from "./merging";

const BASE = `flow: hello
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

const flowOf = (text: string) => parseFlow(text).flow as FlowModel;

describe("two changed texts of one draft", () => {
  const mine = BASE.replace("One", "One of mine").replace("title: Hello", "title: Hi");
  const theirs = BASE.replace("Two", "Two of theirs").replace("One", "One of theirs");

  it("differ in parts that one of them changed, or both", () => {
    expect(differences(flowOf(BASE), flowOf(mine), flowOf(theirs))).toEqual([
      { node: null, changedBy: "mine" },
      { node: "a", changedBy: "both" },
      { node: "b", changedBy: "theirs" },
    ]);
  });

  it("are merged part by part: comments and every other byte are theirs", () => {
    const merged = withMine(theirs, flowOf(mine), flowOf(theirs), [null, "a"]);
    expect(merged).toBe(
      BASE.replace("Two", "Two of theirs").replace("One", "One of mine").replace("title: Hello", "title: Hi"),
    );
  });

  it("are merged when one of them added or deleted nodes", () => {
    const fewer = BASE.replace("    then: b\n", "    then: end\n").slice(
      0,
      -"  b:\n    type: text\n    say: Two\n    then: end\n".length,
    );
    const more = `${BASE}  c:\n    type: text\n    say: Three\n    then: end\n`;
    expect(flowOf(withMine(more, flowOf(fewer), flowOf(more), ["b"])).nodes.map((node) => node.id)).toEqual(["a", "c"]);
    expect(flowOf(withMine(fewer, flowOf(more), flowOf(fewer), ["c"])).nodes.map((node) => node.id)).toEqual([
      "a",
      "c",
    ]);
  });
});
