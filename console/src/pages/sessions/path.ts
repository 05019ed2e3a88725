/** The path of a session through its flows, as the canvas marks it. */

import { edgeId, type Mark, type Marks } from "../../editor/canvas/marks";
import type { Turn } from "./transcript";
import { failureWords, type Json, text } from "./transcript-words";

/** What a session did in one version of a flow. */
export interface Path {
  flow: string;
  version: number;
  marks: Marks;
  /** The node at which the session is now; null if it is elsewhere, or has ended. */
  current: string | null;
}

interface Seen {
  flow: string;
  version: number;
  entered: Map<string, number>;
  failed: Set<string>;
  exits: Set<string>;
}

/**
 * The paths in the order in which the session came into the flows.
 *
 * A turn has one version, that of its last flow. A flow that was left in the turn in which it was entered has none.
 */
export function pathsOf(turns: readonly Turn[]): Path[] {
  const seen = new Map<string, Seen>();
  const versions = new Map<string, number>();
  for (const turn of turns) {
    for (const visit of turn.visits as Json[]) {
      const flow = text(visit.flow) || turn.flow;
      const version = flow === turn.flow ? turn.version : versions.get(flow);
      if (version) addVisit(at(seen, flow, version), visit);
    }
    if (turn.flow) versions.set(turn.flow, turn.version);
  }
  const last = turns.findLast(({ state }) => state !== null);
  const isRunning = last !== undefined && last.state !== "ended" && last.node !== "" && last.flow !== "";
  if (isRunning) at(seen, last.flow, last.version);
  return [...seen.values()].map((each) => {
    const isHere = isRunning && last.flow === each.flow && last.version === each.version;
    const current = isHere ? last.node : null;
    return {
      flow: each.flow,
      version: each.version,
      marks: { nodes: marksOf(each, current), exits: each.exits },
      current,
    };
  });
}

function at(seen: Map<string, Seen>, flow: string, version: number): Seen {
  const key = `${flow}/${version}`;
  const found = seen.get(key) ?? { flow, version, entered: new Map(), failed: new Set(), exits: new Set() };
  seen.set(key, found);
  return found;
}

function addVisit({ entered, failed, exits }: Seen, visit: Json): void {
  const node = text(visit.node);
  const isNew = visit.phase === "enter" || !entered.has(node);
  entered.set(node, (entered.get(node) ?? 0) + (isNew ? 1 : 0));
  const effects = (visit.effects ?? []) as Json[];
  if (effects.some((effect) => !effect.skipped && failureWords(effect) !== "")) failed.add(node);
  if (visit.exit) exits.add(edgeId(node, text(visit.exit)));
}

function marksOf({ entered, failed }: Seen, current: string | null): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const [node, times] of entered) {
    const visits = times === 1 ? "Visited" : `Visited ${times} times`;
    marks.set(
      node,
      failed.has(node) ? { tone: "failed", label: `${visits}, with trouble` } : { tone: "visited", label: visits },
    );
  }
  if (current) marks.set(current, { tone: "current", label: "Now here" });
  return marks;
}
