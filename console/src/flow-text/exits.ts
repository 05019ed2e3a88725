/** Connects an exit of a node: finds the place where its target is written, in the way of the node's type. */

import { placedExits } from "../node-types/exits";
import type { NodeType } from "../node-types/node-type";
import { changedValue, finish, openText, withValue } from "./editing";
import { lineNumbers } from "./lines";
import { EditRefused, fromTarget, type Json, sameJson, type Target } from "./model";
import { nodesOf } from "./nodes";
import { nodeModel } from "./parsing";
import { type Step, slotAt } from "./tree";

/**
 * Let an exit of a node lead somewhere; null takes the target away. Throws EditRefused.
 *
 * A target is written where it stands already, else in the field that the type has for this exit (such as `then` of an
 * option), else under `exits`. Where `then` stands for other exits too, these keep its target.
 */
export function setExit(text: string, node: string, exit: string, target: Target | null, types: NodeType[]): string {
  const open = openText(text);
  const { map, data } = nodesOf(open);
  const slot = map && slotAt(map, node);
  if (!map || slot?.value.kind !== "map") throw new EditRefused(`There is no node "${node}" in this flow.`);
  const changed = withExit(data[node] as Json, nodeModel(slot, lineNumbers(text)), exit, target, types);
  if (sameJson(changed, data[node])) return text;
  return finish(
    open,
    changedValue(open.source, slot, map.flow, changed),
    withValue(open.data, ["nodes", node], changed),
  );
}

function withExit(
  fields: Json,
  node: ReturnType<typeof nodeModel>,
  name: string,
  target: Target | null,
  types: NodeType[],
): Json {
  const exits = placedExits(types, node);
  const exit = exits.find((each) => each.name === name);
  const sharing = exits.filter((each) => each.main);
  const value = target ? fromTarget(target) : undefined;
  const own: Step[] = exit?.own ?? ["exits", name];
  if (target && exit?.writtenAt === "then" && sharing.length <= 1) return withValue(fields, ["then"], value);
  if (target) return withValue(fields, exit?.writtenAt === "exits" ? ["exits", name] : own, value);
  let left = withValue(fields, own, undefined);
  left = withValue(left, ["exits", name], undefined);
  if ((exit?.main || exit?.writtenAt === "then") && node.then) {
    const then = fromTarget(node.then);
    left = withValue(left, ["then"], undefined);
    for (const other of sharing) {
      if (other.writtenAt === "then" && other.name !== name)
        left = withValue(left, other.own ?? ["exits", other.name], then);
    }
  }
  return sameJson(valueAt(left, "exits"), {}) ? withValue(left, ["exits"], undefined) : left;
}

function valueAt(data: Json, key: string): Json | undefined {
  return (data as { [key: string]: Json })[key];
}
