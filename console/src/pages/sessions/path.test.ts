import { expect, test } from "vitest";
import { pathsOf } from "./path";
import type { Turn } from "./transcript";

type Visit = Record<string, unknown>;

const visit = (node: string, exit = "", more: Visit = {}): Visit => ({
  flow: "claim",
  node,
  phase: "enter",
  exit,
  effects: [],
  ...more,
});
const turn = (visits: Visit[], more: Partial<Turn> = {}) =>
  ({ flow: "claim", version: 3, state: "waiting", node: "ask", visits, ...more }) as Turn;

test("the nodes that a session visited, the exits that it took, and where it is", () => {
  const [path, ...others] = pathsOf([
    turn([visit("hello", "sent"), visit("ask")]),
    turn([visit("ask", "received", { phase: "resume" }), visit("upload", "success"), visit("ask")]),
  ]);
  expect(others).toEqual([]);
  expect(path).toMatchObject({ flow: "claim", version: 3, current: "ask" });
  expect([...(path?.marks.nodes ?? [])].map(([node, { tone, label }]) => [node, tone, label])).toEqual([
    ["hello", "visited", "Visited"],
    ["ask", "current", "Now here"],
    ["upload", "visited", "Visited"],
  ]);
  expect([...(path?.marks.exits ?? [])]).toEqual(["hello/sent", "ask/received", "upload/success"]);
});

test("a session that ended is nowhere; an answer to a question is no other visit", () => {
  const [path] = pathsOf([
    turn([visit("ask")]),
    turn([visit("ask", "", { phase: "resume" })]),
    turn([visit("ask", "gave_up", { phase: "resume" }), visit("ask", "received")], { state: "ended", node: "" }),
    turn([], { state: null, flow: "", node: "" }), // came too late
  ]);
  expect(path?.current).toBeNull();
  expect(path?.marks.nodes.get("ask")).toEqual({ tone: "visited", label: "Visited 2 times" });
});

test("a node whose call or message failed is marked, and one that left something out is not", () => {
  const [path] = pathsOf([
    turn([
      visit("upload", "failure", { effects: [{ effect: "call", status: 503, reason: "outage" }] }),
      visit("tell", "sent", { effects: [{ effect: "say", skipped: "no caption" }] }),
      visit("ask"),
    ]),
  ]);
  expect(path?.marks.nodes.get("upload")).toEqual({ tone: "failed", label: "Visited, with trouble" });
  expect(path?.marks.nodes.get("tell")?.tone).toBe("visited");
});

test("each flow has its own path, in its version", () => {
  const paths = pathsOf([
    turn([visit("ask")]),
    turn([visit("ask", "received", { phase: "resume" }), visit("rate", "", { flow: "survey" })], {
      flow: "survey",
      version: 8,
      node: "rate",
    }),
  ]);
  expect(paths.map(({ flow, version, current }) => [flow, version, current])).toEqual([
    ["claim", 3, null],
    ["survey", 8, "rate"],
  ]);
  expect(paths[0]?.marks.exits).toEqual(new Set(["ask/received"]));
  expect([...(paths[1]?.marks.nodes.keys() ?? [])]).toEqual(["rate"]);
});

test("a flow that a session only passed has no version to be drawn in", () => {
  const paths = pathsOf([turn([visit("hello", "sent", { flow: "greeting" }), visit("ask")])]);
  expect(paths.map(({ flow }) => flow)).toEqual(["claim"]);
});
