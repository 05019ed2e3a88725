/** A card for those who do not see it. */

import { type GraphNode, targetWords } from "./graph";
import type { Mark } from "./marks";

export function cardWords({ id, card, exits, isStart }: GraphNode, problems: number, mark: Mark | null): string {
  const head = [id, card.title, isStart && "start of the flow", mark?.label, problems > 0 && problemWords(problems)];
  const lines = card.lines.map(({ label, text }) => `${label}: ${text}.`);
  const ways = exits.map(({ label, target }) => `${label} leads to ${targetWords(target)}`).join("; ");
  return [head.filter(Boolean).join(", "), ...lines, ways && `Exits: ${ways}.`].filter(Boolean).join(" ");
}

export function problemWords(count: number): string {
  return count === 1 ? "1 problem" : `${count} problems`;
}
