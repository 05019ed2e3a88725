import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFlow } from "../../flow-text/flow-text";
import type { NodeType } from "../editor-state";
import { outlineOf } from "../outline/outline-tree";
import { cardWords } from "./card-words";
import { type Graph, graphOf } from "./graph";
import { layOut } from "./layout";
import { sizesOf } from "./sizes";

const ASK: NodeType = {
  name: "ask",
  title: "Ask",
  about: "",
  icon: "list",
  variants: [
    {
      when: {},
      title: "Ask",
      waits: true,
      exits: [
        { ...exit("yes", "Yes"), main: true },
        exit("no", "No"),
        { ...exit("failed", "Not sent"), setback: true },
        { ...exit("rare", "Rare"), optional: true },
      ],
      config_schema: { type: "object", properties: { say: { type: "string", title: "Say", "x-card": true } } },
    },
  ],
};

function exit(name: string, label: string) {
  return { name, label, each: "", required: false, main: false, optional: false, setback: false, timeout: false };
}

function graph(nodes: string, before: Graph | null = null): Graph {
  const text = `chatflow: 1\nflow: f\ntitle: F\nstart: a\nnodes:\n${nodes}`;
  return graphOf(parseFlow(text).flow as NonNullable<ReturnType<typeof parseFlow>["flow"]>, [ASK], before);
}

const LOOP = `  a: {type: ask, say: Hello, exits: {yes: b, no: c, failed: end}}
  b: {type: ask, exits: {yes: d, failed: c}}
  c: {type: ask, exits: {yes: a, no: {flow: other}}}
  d: {type: ask}
  e: {type: ask, exits: {yes: d}}
`;

describe("the graph of a flow", () => {
  it("has an edge for each exit that leads to a node, in the order of exits", () => {
    expect(graph(LOOP).edges.map(({ id, to }) => `${id} ${to}`)).toEqual([
      "a/yes b",
      "a/no c",
      "b/yes d",
      "b/failed c",
      "c/yes a",
      "e/yes d",
    ]);
  });

  it("knows the edges that lead back", () => {
    expect(
      graph(LOOP)
        .edges.filter(({ back }) => back)
        .map(({ id }) => id),
    ).toEqual(["c/yes"]);
  });

  it("lists the nodes from the start, and apart those that nothing leads to", () => {
    const { order, unreachable } = graph(LOOP);
    expect(order).toEqual(["a", "b", "d", "c"]);
    expect(unreachable).toEqual(["e"]);
  });

  it("leaves out exits that are there only where they are written", () => {
    expect(graph(LOOP).nodes[0]?.exits.map(({ name }) => name)).toEqual(["yes", "no", "failed"]);
    expect(graph("  a: {type: ask, exits: {rare: end}}\n").nodes[0]?.exits.map(({ name }) => name)).toContain("rare");
  });

  it("keeps the objects of nodes that did not change", () => {
    const before = graph(LOOP);
    const after = graph(LOOP.replace("say: Hello", "say: Good morning"), before);
    expect(after.nodes[0]).not.toBe(before.nodes[0]);
    expect(after.nodes.slice(1)).toEqual(before.nodes.slice(1));
    expect(after.nodes[1]).toBe(before.nodes[1]);
  });

  it("is read without recursion, also when it is one chain of 5,000 nodes", () => {
    const chain = Array.from({ length: 5_000 }, (_, at) => `  n${at}: {type: ask, then: n${at + 1}}\n`).join("");
    expect(graph(`  a: {type: ask, then: n0}\n${chain}`).order).toHaveLength(5_001);
  });
});

describe("the words of a card", () => {
  it("say what the node does, its problems, and where each exit leads", () => {
    const [a] = graph(LOOP).nodes;
    expect(a && cardWords(a, 2, null)).toBe(
      "a, Ask, start of the flow, 2 problems Say: Hello. Exits: Yes leads to b; No leads to c; Not sent leads to the end.",
    );
  });
});

describe("the layout", () => {
  const laidOut = (nodes: string) => {
    const made = graph(nodes);
    const sizes = sizesOf(made.nodes);
    return { places: layOut(made, sizes), sizes };
  };

  it("puts the start first, and each node right of all that lead to it, but for the lines that lead back", () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const node = fc.record({ yes: fc.constantFrom(...names, "end"), no: fc.constantFrom(...names, "end") });
    fc.assert(
      fc.property(fc.tuple(node, node, node, node, node, node), (nodes) => {
        const text = nodes.map(({ yes, no }, at) => `  ${names[at]}: {type: ask, exits: {yes: ${yes}, no: ${no}}}\n`);
        const made = graph(text.join(""));
        const places = layOut(made, sizesOf(made.nodes));
        expect(places.a).toEqual({ x: 0, y: 0 });
        for (const { from, to, back } of made.edges) {
          const isForward = !back && made.unreachable.includes(from) === made.unreachable.includes(to);
          if (isForward) expect(places[to]?.x, `${from} to ${to}`).toBeGreaterThan(places[from]?.x ?? 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("keeps the order of exits from top to bottom", () => {
    const { places } = laidOut(
      "  a: {type: ask, exits: {yes: b, no: c, failed: d}}\n  d: {type: ask}\n  c: {type: ask}\n  b: {type: ask}\n",
    );
    expect(places.b?.y).toBe(places.a?.y);
    expect(places.c?.y).toBeGreaterThan(places.b?.y ?? 0);
    expect(places.d?.y).toBeGreaterThan(places.c?.y ?? 0);
  });

  it("puts what the start does not reach below everything else", () => {
    const { places } = laidOut(LOOP);
    for (const id of ["a", "b", "c", "d"]) expect(places.e?.y).toBeGreaterThan(places[id]?.y ?? 0);
  });

  it("covers no node with another one", () => {
    const many = Array.from({ length: 60 }, (_, at) => {
      const to = (step: number) => `n${(at + step) % 60}`;
      return `  n${at}: {type: ask, say: "${"word ".repeat(at)}", exits: {yes: ${to(1)}, no: ${to(7)}, failed: ${to(13)}}}\n`;
    }).join("");
    const { places, sizes } = laidOut(`  a: {type: ask, then: n0}\n${many}`);
    const boxes = Object.entries(places).map(([id, { x, y }]) => ({
      id,
      x,
      y,
      ...(sizes.get(id) ?? { width: 0, height: 0 }),
    }));
    expect(boxes).toHaveLength(61);
    for (const one of boxes) {
      for (const other of boxes) {
        const apart = one.x + one.width <= other.x || other.x + other.width <= one.x;
        const stacked = one.y + one.height <= other.y || other.y + other.height <= one.y;
        if (one !== other) expect(apart || stacked, `${one.id} and ${other.id}`).toBe(true);
      }
    }
  });
});

describe("the outline", () => {
  it("is a plain list along the way on, with failures and branches below their exits", () => {
    const { items } = outlineOf(
      graph(
        "  a: {type: ask, exits: {yes: b, failed: d}}\n  b: {type: ask, then: c}\n  c: {type: ask}\n  d: {type: ask}\n",
      ),
    );
    expect(items.map(({ node }) => node)).toEqual(["a", "b", "c"]);
    expect(items[0]?.exits.find(({ exit }) => exit.name === "failed")?.below.map(({ node }) => node)).toEqual(["d"]);
  });

  it("shows every node exactly once", () => {
    const { items, apart } = outlineOf(graph(LOOP));
    const all = (list: typeof items): string[] =>
      list.flatMap(({ node, exits }) => [node, ...exits.flatMap(({ below }) => all(below))]);
    expect(all(items).sort()).toEqual(["a", "b", "c", "d"]);
    expect(all(apart)).toEqual(["e"]);
  });
});
