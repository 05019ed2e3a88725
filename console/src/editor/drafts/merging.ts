import { setFlowField } from "../../flow-text/flow-text";
import { type FlowModel, type FlowNode, fromTarget, type Json, sameJson } from "../../flow-text/model";

export type Side = "mine" | "theirs";

/** What differs between two texts of a flow: a node, or (`node` null) the settings of the flow. */
export interface Difference {
  node: string | null;
  /** Who changed it since the text that both go back to; `both`: the user must choose. */
  changedBy: Side | "both";
}

/** The parts that differ. `base` is the text that both go back to, null where it cannot be read. */
export function differences(base: FlowModel | null, mine: FlowModel, theirs: FlowModel): Difference[] {
  const sides = { base: partsOf(base), mine: partsOf(mine), theirs: partsOf(theirs) };
  const keys = new Set([...sides.mine.keys(), ...sides.theirs.keys()]);
  const found: Difference[] = [];
  for (const key of keys) {
    const [old, one, other] = [sides.base.get(key), sides.mine.get(key), sides.theirs.get(key)];
    if (sameJson(one, other)) continue;
    const changedBy = !base ? "both" : sameJson(old, one) ? "theirs" : sameJson(old, other) ? "mine" : "both";
    found.push({ node: key === SETTINGS ? null : key, changedBy });
  }
  return found;
}

/**
 * Their text with my version of some parts: nodes by their names, and null for the settings of the flow. Comments are those
 * of their text.
 */
export function withMine(text: string, mine: FlowModel, theirs: FlowModel, parts: readonly (string | null)[]): string {
  let merged = text;
  for (const part of parts) {
    if (part !== null) {
      merged = setFlowField(merged, ["nodes", part], partsOf(mine).get(part));
      continue;
    }
    const [wanted, present] = [settingsOf(mine), settingsOf(theirs)];
    for (const name of new Set([...Object.keys(present), ...Object.keys(wanted)])) {
      if (!sameJson(wanted[name], present[name])) merged = setFlowField(merged, [name], wanted[name]);
    }
  }
  return merged;
}

const SETTINGS = ""; // no node has this name

function partsOf(flow: FlowModel | null): Map<string, Json> {
  if (!flow) return new Map();
  return new Map([[SETTINGS, settingsOf(flow)], ...flow.nodes.map((node): [string, Json] => [node.id, toJson(node)])]);
}

function settingsOf(flow: FlowModel): Record<string, Json> {
  return { title: flow.title, start: flow.start, ...flow.fields };
}

function toJson(node: FlowNode): Json {
  const exits = Object.entries(node.exits).map(([exit, target]) => [exit, fromTarget(target)]);
  return {
    type: node.type,
    ...node.fields,
    ...(node.then ? { then: fromTarget(node.then) } : {}),
    ...(exits.length > 0 ? { exits: Object.fromEntries(exits) } : {}),
  };
}
