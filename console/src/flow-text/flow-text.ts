import { isMap, LineCounter, type Node, type Pair, parseDocument, type Scalar } from "yaml";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Where an exit leads. */
export type Target =
  | { kind: "node"; node: string }
  | { kind: "end" }
  | { kind: "flow"; flow: string }
  | { kind: "other"; text: string };

export interface FlowNode {
  id: string;
  type: string;
  /** Everything but `type`, `exits` and `then`. */
  fields: Record<string, Json>;
  exits: Record<string, Target>;
  then: Target | null;
  /** Counted from 1. */
  line: number;
  lastLine: number;
}

export interface FlowModel {
  name: string;
  title: string;
  start: string;
  /** Everything but the name, `title`, `start` and `nodes`: `session`, `given`, ... */
  fields: Record<string, Json>;
  nodes: FlowNode[];
}

export interface FlowDocument {
  text: string;
  /** Null when the text cannot be read. */
  flow: FlowModel | null;
  errors: { line: number; column: number; message: string }[];
}

export function parseFlow(text: string): FlowDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: "core", uniqueKeys: true });
  const errors = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { line, column: col, message: error.message.split("\n")[0] ?? error.message };
  });
  const root = errors.length > 0 ? null : (document.toJS() as Record<string, Json> | null);
  if (!root || typeof root !== "object" || Array.isArray(root)) return { text, flow: null, errors };
  const { chatflow: _, flow: name = "", title = "", start = "", nodes = {}, ...fields } = root;
  const pairs = document.get("nodes");
  const places = new Map<string, [number, number]>();
  if (isMap(pairs)) {
    for (const pair of pairs.items as Pair<Scalar, Node>[]) {
      const first = pair.key.range?.[0] ?? 0;
      const last = pair.value?.range?.[1] ?? first;
      places.set(String(pair.key.value), [lines.linePos(first).line, lines.linePos(Math.max(first, last - 1)).line]);
    }
  }
  const model: FlowModel = {
    name: String(name),
    title: String(title),
    start: String(start),
    fields,
    nodes: Object.entries((nodes ?? {}) as Record<string, Record<string, Json>>).map(([id, node]) => {
      const { type = "", exits = {}, then, ...rest } = node ?? {};
      const [line, lastLine] = places.get(id) ?? [0, 0];
      const targets = Object.entries((exits ?? {}) as Record<string, Json>).map(([exit, to]) => [exit, target(to)]);
      return {
        id,
        type: String(type),
        fields: rest,
        exits: Object.fromEntries(targets) as Record<string, Target>,
        then: then === undefined ? null : target(then),
        line,
        lastLine,
      };
    }),
  };
  return { text, flow: model, errors };
}

function target(value: Json): Target {
  if (value === "end") return { kind: "end" };
  if (typeof value === "string") return { kind: "node", node: value };
  if (value && typeof value === "object" && !Array.isArray(value) && typeof value.flow === "string") {
    return { kind: "flow", flow: value.flow };
  }
  return { kind: "other", text: JSON.stringify(value) };
}
