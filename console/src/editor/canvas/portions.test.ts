import { expect, it } from "vitest";
import type { Graph } from "./graph";
import { drawingOrder } from "./portions";

const NAMES = ["left", "inside", "edge", "right", "alone"];
const GRAPH = {
  nodes: NAMES.map((id) => ({ id })),
  edges: [
    { from: "left", to: "inside" },
    { from: "right", to: "left" },
  ],
  order: ["right", "left", "inside", "edge"],
  unreachable: ["alone"],
} as unknown as Graph;
const PLACES = {
  left: { x: -100, y: 0 },
  inside: { x: 50, y: 50 },
  edge: { x: 195, y: 195 },
  right: { x: 201, y: 0 },
  alone: { x: 0, y: 900 },
};
const SIZES = new Map(NAMES.map((id) => [id, { width: 90, height: 20 }]));

it("draws what is in view first, also in part, with what lines lead to from there, then all others", () => {
  const { order, first } = drawingOrder(GRAPH, PLACES, SIZES, { x: 0, y: 0, zoom: 1 }, { width: 200, height: 200 });
  expect(order.slice(0, first).sort()).toEqual(["edge", "inside", "left"]);
  expect(order.slice(first)).toEqual(["right", "alone"]);
});

it("sees as much as the zoom shows", () => {
  const far = drawingOrder(GRAPH, PLACES, SIZES, { x: 20, y: 0, zoom: 0.2 }, { width: 200, height: 200 });
  expect(far.first).toBe(5);
});
