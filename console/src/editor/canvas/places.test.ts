import { describe, expect, it } from "vitest";
import { firstView } from "./first-view";
import { allPlaces, carryOver, nearest, placeOfNew, type Sizes } from "./places";
import { mergedPlaces } from "./stored-layout";

const SIZES: Sizes = new Map(["a", "b", "c", "d"].map((id) => [id, { width: 100, height: 50 }]));
const PLACES = { a: { x: 0, y: 0 }, b: { x: 200, y: 10 }, c: { x: 200, y: 300 }, d: { x: 0, y: 300 } };

describe("the nearest node", () => {
  it("is the one that lies straight ahead", () => {
    expect(nearest("a", "right", PLACES, SIZES)).toBe("b");
    expect(nearest("a", "down", PLACES, SIZES)).toBe("d");
    expect(nearest("c", "left", PLACES, SIZES)).toBe("d");
    expect(nearest("c", "up", PLACES, SIZES)).toBe("b");
  });

  it("is none where nothing lies ahead", () => {
    expect(nearest("a", "left", PLACES, SIZES)).toBeNull();
    expect(nearest("gone", "left", PLACES, SIZES)).toBeNull();
  });
});

describe("the places of nodes", () => {
  it("are those that a person chose, and a computed place moves down where it would cover another node", () => {
    const places = allPlaces({ b: { x: 10, y: 10 } }, PLACES, SIZES);
    expect(places.b).toEqual({ x: 10, y: 10 });
    expect(places.a?.y).toBeGreaterThanOrEqual(60);
    expect(places.c).toEqual(PLACES.c);
  });

  it("have a free one for a new node, right of the node that leads to it", () => {
    const place = placeOfNew({ width: 100, height: 50 }, "a", { a: PLACES.a, b: { x: 196, y: 0 } }, SIZES);
    expect(place).toEqual({ x: 196, y: 90 });
  });

  it("go along when a node is renamed", () => {
    expect(carryOver({ a: { x: 1, y: 2 } }, ["a", "b"], ["z", "b"])).toEqual({ z: { x: 1, y: 2 } });
    expect(carryOver({ a: { x: 1, y: 2 } }, ["a", "b"], ["a", "b", "c"])).toEqual({ a: { x: 1, y: 2 } });
  });

  it("of two people are put together: each node lies where it was moved last", () => {
    const seen = { a: { x: 0, y: 0 }, b: { x: 0, y: 0 } };
    const mine = { a: { x: 5, y: 5 }, b: { x: 0, y: 0 } };
    const theirs = { a: { x: 0, y: 0 }, b: { x: 9, y: 9 }, c: { x: 1, y: 1 } };
    expect(mergedPlaces(seen, mine, theirs)).toEqual({ a: { x: 5, y: 5 }, b: { x: 9, y: 9 }, c: { x: 1, y: 1 } });
  });
});

describe("the first view", () => {
  it("is the whole flow where it fits", () => {
    const { zoom, x } = firstView(PLACES, SIZES, "a", { width: 1_000, height: 800 });
    expect(zoom).toBe(1);
    expect(x).toBe(350);
  });

  it("is the start in readable size where the flow is larger", () => {
    const { zoom, x } = firstView({ ...PLACES, c: { x: 9_000, y: 0 } }, SIZES, "a", { width: 1_000, height: 800 });
    expect(zoom).toBeGreaterThanOrEqual(0.75);
    expect(x).toBe(48);
  });
});
