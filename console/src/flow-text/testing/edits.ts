/** Random edits of a flow, each with what the flow says afterwards. */

import { exitsOf } from "../../node-types/exits";
import type { NodeType } from "../../node-types/node-type";
import { addNode, copyNodes, deleteNodes, pasteNodes, renameNode, setExit, setField, setFlowField } from "../flow-text";
import { isRecord, type Json, toTarget } from "../model";
import { parseFlow } from "../parsing";
import { anyNode, anyTarget, anyValue, type Dice } from "./documents";

type Fields = { [key: string]: Json };
type Path = (string | number)[];

export interface Edit {
  words: string;
  /** The node outside of which no byte changes; null for an edit of something else. */
  node: string | null;
  apply: (text: string) => string;
  /** What the flow says afterwards; null where `check` looks at it. */
  expected: Fields | null;
  check?: (text: string) => string | null;
}

export function anyEdit(dice: Dice, text: string, data: Fields, types: NodeType[]): Edit {
  const nodes = (data.nodes ?? {}) as Fields;
  const ids = Object.keys(nodes);
  if (ids.length === 0) return flowFieldEdit(dice, data);
  switch (dice.below(9)) {
    case 0:
    case 1:
    case 2:
      return fieldEdit(dice, data, dice.pick(ids));
    case 3:
      return flowFieldEdit(dice, data);
    case 4:
      return exitEdit(dice, text, dice.pick(ids), ids, types);
    case 5: {
      const { type, ...fields } = anyNode(dice, ids);
      const expected = { ...data, nodes: { ...nodes, brand_new: { type: type as Json, ...fields } } };
      return {
        words: `add ${JSON.stringify(fields)}`,
        node: null,
        expected,
        apply: (old) => addNode(old, { id: "brand_new", type: String(type), fields }),
      };
    }
    case 6: {
      const gone = ids.filter(() => dice.chance(40));
      return {
        words: `delete ${gone}`,
        node: null,
        expected: withoutNodes(data, gone),
        apply: (old) => deleteNodes(old, gone, types),
      };
    }
    case 7: {
      const id = dice.pick(ids);
      const expected = RegExp(`${id}_(failure|response)`).test(text) ? null : withRenamed(data, id);
      return {
        words: `rename ${id}`,
        node: null,
        expected,
        apply: (old) => renameNode(old, id, "renamed_node", types),
      };
    }
    default: {
      const copied = ids.filter(() => dice.chance(50));
      const pasted = copied.length > 0 ? copied : ids.slice(0, 1);
      const apply = (old: string) => pasteNodes(old, copyNodes(old, pasted), types).text;
      return {
        words: `paste ${pasted}`,
        node: null,
        expected: null,
        apply,
        check: (edited) => checkPasted(data, nodesIn(edited), pasted.length),
      };
    }
  }
}

/** The names of the nodes of a flow. */
function nodesIn(text: string): string[] {
  return parseFlow(text).flow?.nodes.map(({ id }) => id) ?? [];
}

function checkPasted(data: Fields, ids: string[], count: number): string | null {
  const old = Object.keys(data.nodes as Fields);
  if (ids.length !== old.length + count) return `${count} nodes were pasted, but now there are ${ids.length}`;
  return old.every((id) => ids.includes(id)) ? null : "a node is gone";
}

function fieldEdit(dice: Dice, data: Fields, id: string): Edit {
  const path = anyPath(dice, (data.nodes as Fields)[id] as Json);
  const value = dice.chance(25) ? undefined : anyValue(dice);
  return {
    words: `set ${id} ${path.join(".")} to ${JSON.stringify(value)}`,
    node: id,
    expected: changed(data, ["nodes", id, ...path], value),
    apply: (text) => setField(text, id, path, value),
  };
}

function flowFieldEdit(dice: Dice, data: Fields): Edit {
  const path: Path = dice.pick([
    ["title"],
    ["session", "timeout"],
    ["session", "on_timeout"],
    ["given"],
    ["given", "alpha"],
    ["note"],
  ]);
  const value = dice.chance(25) ? undefined : anyValue(dice, path.length === 1 ? 2 : 1);
  return {
    words: `set the flow's ${path.join(".")} to ${JSON.stringify(value)}`,
    node: null,
    expected: changed(data, path, value),
    apply: (text) => setFlowField(text, path, value),
  };
}

function exitEdit(dice: Dice, text: string, id: string, ids: string[], types: NodeType[]): Edit {
  const targets = (of: string) => {
    const node = parseFlow(of).flow?.nodes.find((each) => each.id === id);
    return new Map(node && exitsOf(types, node).map(({ name, target }) => [name, JSON.stringify(target)]));
  };
  const before = targets(text);
  const exit = dice.pick([...before.keys(), "made_up"]);
  const target = dice.chance(25) ? null : toTarget(anyTarget(dice, ids));
  const check = (edited: string) => {
    const after = targets(edited);
    for (const name of new Set([...before.keys(), ...after.keys(), exit])) {
      const wanted = name === exit ? JSON.stringify(target) : before.get(name);
      // For an unknown type, `then` is an exit only while no other is written.
      if ((after.get(name) ?? "null") !== wanted && !(name === "then" && name !== exit))
        return `${name} leads to ${after.get(name)}, not to ${wanted}`;
    }
    return null;
  };
  return {
    words: `let ${exit} of ${id} lead to ${JSON.stringify(target)}`,
    node: id,
    expected: null,
    check,
    apply: (old) => setExit(old, id, exit, target, types),
  };
}

function anyPath(dice: Dice, node: Json): Path {
  const path: Path = [];
  let at: Json | undefined = node;
  while (typeof at === "object" && at !== null) {
    const keys: Path = Array.isArray(at) ? [...at.keys()] : Object.keys(at);
    const step: string | number =
      dice.chance(15) || keys.length === 0 ? (Array.isArray(at) ? at.length : "brand_new") : dice.pick(keys);
    path.push(step);
    at = Array.isArray(at) ? at[step as number] : (at as Fields)[step];
    if (dice.chance(50)) break;
  }
  return path;
}

/** The data with a value at a path. */
function changed(data: Fields, path: Path, value: Json | undefined): Fields {
  const copy = structuredClone(data);
  let at: Json = copy;
  for (const [depth, step] of path.entries()) {
    const holder = at as { [key: string | number]: Json };
    if (depth === path.length - 1) {
      if (value !== undefined) holder[step] = value;
      else if (Array.isArray(at)) at.splice(step as number, 1);
      else delete holder[step];
      break;
    }
    const inside: Json | undefined = holder[step];
    if (
      typeof inside !== "object" ||
      inside === null ||
      (Array.isArray(inside) && typeof path[depth + 1] === "string")
    ) {
      if (value === undefined) return data;
      holder[step] = {};
    }
    at = holder[step] as Json;
  }
  return copy;
}

/** The same node with other targets. */
function withTargets(node: Json, change: (name: string) => string | undefined): Json {
  if (Array.isArray(node)) return node.map((each) => withTargets(each, change));
  if (!isRecord(node)) return node;
  const result: Fields = {};
  for (const [key, value] of Object.entries(node)) {
    const isTarget = typeof value === "string" && (key === "then" || key === "otherwise");
    const newValue = isTarget
      ? change(value)
      : key === "exits" && isRecord(value)
        ? exitsWith(value, change)
        : withTargets(value, change);
    if (newValue !== undefined) result[key] = newValue;
  }
  return result;
}

function exitsWith(exits: Fields, change: (name: string) => string | undefined): Fields | undefined {
  const entries = Object.entries(exits).map(([exit, target]) => [
    exit,
    typeof target === "string" ? change(target) : target,
  ]);
  const left = entries.filter(([, target]) => target !== undefined);
  return left.length > 0 || entries.length === 0 ? Object.fromEntries(left) : undefined;
}

function withoutNodes(data: Fields, gone: string[]): Fields {
  const left = Object.entries(data.nodes as Fields).filter(([id]) => !gone.includes(id));
  const nodes = Object.fromEntries(
    left.map(([id, node]) => [id, withTargets(node, (name) => (gone.includes(name) ? undefined : name))]),
  );
  const { session, ...others } = data;
  if (!isRecord(session) || !gone.includes(String(session.on_timeout))) return { ...data, nodes };
  const { on_timeout: _, ...rest } = session;
  return Object.keys(rest).length > 0 ? { ...others, session: rest, nodes } : { ...others, nodes };
}

function withRenamed(data: Fields, id: string): Fields {
  const name = (old: string) => (old === id ? "renamed_node" : old);
  const nodes = Object.fromEntries(
    Object.entries(data.nodes as Fields).map(([key, node]) => [name(key), withTargets(node, name)]),
  );
  const session: Fields =
    isRecord(data.session) && data.session.on_timeout === id
      ? { session: { ...data.session, on_timeout: "renamed_node" } }
      : {};
  return { ...data, ...session, nodes, ...(data.start === id ? { start: "renamed_node" } : ({} as Fields)) };
}
