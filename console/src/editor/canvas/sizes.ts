/** How large the card of a node is. The layout is computed before cards are drawn, so their size is known beforehand. */

import type { GraphNode } from "./graph";
import type { Size, Sizes } from "./places";

/** The same numbers are in canvas.css. */
export const CARD_WIDTH = 264;
const STUB_WIDTH = 120; // the end or another flow, drawn to the right of the card
const HEADER = 58;
const LINE = 18;
const LETTERS = 36; // in a line
const CLIPPED = 3; // lines of a text at most
const EXIT = 28;
const THUMBNAIL = 104;

export function sizeOf({ card, exits }: GraphNode): Size {
  const texts = card.lines.map(({ label, text }) => {
    const lines = `${label}: ${text}`.split("\n").map((line) => Math.max(1, Math.ceil(line.length / LETTERS)));
    return (
      Math.min(
        CLIPPED,
        lines.reduce((sum, each) => sum + each, 0),
      ) *
        LINE +
      4
    );
  });
  const words = texts.reduce((sum, each) => sum + each, 0);
  const height =
    HEADER + words + (card.asset ? THUMBNAIL : 0) + (card.integration ? LINE + 4 : 0) + exits.length * EXIT + 16;
  return { width: CARD_WIDTH + (exits.some((exit) => hasStub(exit.target?.kind)) ? STUB_WIDTH : 0), height };
}

/** Whether an exit ends in a small box beside the card. */
export function hasStub(kind: string | undefined): boolean {
  return kind === "end" || kind === "flow" || kind === "other";
}

export function sizesOf(nodes: readonly GraphNode[]): Sizes {
  return new Map(nodes.map((node) => [node.id, sizeOf(node)]));
}
