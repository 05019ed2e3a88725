/** Reads a YAML text into a tree, or says where it is broken. Agrees with the server's reader. */

import {
  Composer,
  type CST,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type Scalar as YamlScalar,
} from "yaml";
import { lineEnd } from "./lines";
import type { TextError } from "./model";
import { plainValue } from "./scalars";
import type { Collection, Scalar, Slot, Style, Tree } from "./tree";

const LARGEST = 256 * 1024; // bytes
const DEEPEST = 50; // levels
const TEXT_TAGS = new Set([undefined, "!", "tag:yaml.org,2002:str"]);
const VARIABLE = /^[A-Za-z_][\w.:-]*$/;

const UNREADABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const ODD_BREAK = /\r(?!\n)|[\x85\u2028\u2029]/;
const HALF_CHARACTER = /\p{Surrogate}/u;

export type Reading = { tree: Tree; errors: [] } | { tree: null; errors: TextError[] };

/** Read a text. Never throws. */
export function readText(text: string): Reading {
  const lines = new LineCounter();
  const reader = new Reader(text, lines);
  try {
    const tree = reader.read();
    if (tree && reader.errors.length === 0) return { tree, errors: [] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack: brackets without end
    reader.error(0, `The blocks in this file are nested too deeply: at most ${DEEPEST} levels.`);
  }
  return { tree: null, errors: reader.errors };
}

class Reader {
  readonly errors: TextError[] = [];

  constructor(
    private readonly text: string,
    private readonly lines: LineCounter,
  ) {}

  error(offset: number, message: string): void {
    const { line, col } = this.lines.linePos(Math.min(offset, this.text.length));
    this.errors.push({ line: Math.max(line, 1), column: Math.max(col, 1), message });
  }

  read(): Tree | null {
    if (new TextEncoder().encode(this.text).length > LARGEST) {
      this.error(0, `The file is larger than ${LARGEST / 1024} KB. Split the flow in two.`);
      return null;
    }
    this.lines.addNewLine(0);
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) this.lines.addNewLine(at + 1);
    const unreadable = UNREADABLE.exec(this.text);
    if (unreadable) {
      this.error(
        unreadable.index,
        "This line holds a character that nobody can see and YAML does not take. Take it out.",
      );
      return null;
    }
    const tokens = [...new Parser().parse(this.text)];
    for (const token of tokens) this.checkToken(token);
    const composer = new Composer({
      keepSourceTokens: true,
      schema: "failsafe",
      uniqueKeys: false,
      prettyErrors: false,
    });
    const [document, second] = [...composer.compose(tokens, true, this.text.length)];
    for (const { code, message, pos } of document?.errors ?? [])
      this.error(pos[0], this.explained(code, message, pos[0]));
    if (second) this.error(second.range[0], "Keep one document in a file, without a line of ---.");
    if (this.errors.length > 0 || !document) return null;
    if (!document.contents) {
      this.error(0, "The file is empty.");
      return null;
    }
    const tree = this.tree(document.contents as Node, 0);
    if (tree.kind === "scalar" && tree.value === null) this.error(0, "The file is empty.");
    return tree;
  }

  /** What the server's reader refuses, and YAML 1.2 takes. */
  private checkToken(token: CST.Token | CST.SourceToken | undefined): void {
    if (!token) return;
    if ("items" in token) {
      for (const item of token.items) {
        for (const each of [...item.start, ...(item.sep ?? [])]) this.checkToken(each);
        this.checkToken(item.key ?? undefined);
        this.checkToken(item.value);
      }
      if ("start" in token) this.checkToken(token.start);
      if ("end" in token) for (const each of token.end ?? []) this.checkToken(each);
      return;
    }
    if (token.type === "document") {
      for (const each of token.start) this.checkToken(each);
      this.checkToken(token.value);
      for (const each of token.end ?? []) this.checkToken(each);
      return;
    }
    if (token.type === "block-scalar") {
      for (const each of token.props) this.checkToken(each);
    } else if ("end" in token) {
      for (const each of token.end ?? []) this.checkToken(each);
    }
    const source = "source" in token ? token.source : "";
    const isQuoted = token.type === "double-quoted-scalar" || token.type === "single-quoted-scalar";
    const isLayout = token.type === "space" || token.type === "newline" || token.type === "scalar";
    if (isLayout && source.includes("\t")) {
      this.error(
        token.offset + source.indexOf("\t"),
        "Here is a tab. Use blanks; a tab in a text needs quotes around the text.",
      );
    }
    const odd = isQuoted ? null : ODD_BREAK.exec(source);
    if (odd) this.error(token.offset + odd.index, "This line holds a line break that nobody can see. Take it out.");
  }

  private explained(code: string, message: string, offset: number): string {
    const start = this.text.lastIndexOf("\n", offset - 1) + 1;
    const written = this.text.slice(start, lineEnd(this.text, offset));
    if (/[:,{[-]\s*\[\[/.test(written))
      return 'Text that begins with [[ must stand in quotes, like "[[name]] is here".';
    if (/^ *\t/.test(written)) return "Indent with blanks, not with tabs.";
    if (code === "BLOCK_AS_IMPLICIT_KEY") return "Text with a colon in it must stand in quotes.";
    if (code === "MISSING_CHAR" && /quote/.test(message)) return "A quote is missing at the end of this text.";
    if (code === "BAD_INDENT") return "This line is not indented like its neighbours.";
    return `This is not YAML: ${message[0]?.toLowerCase()}${message.slice(1).replace(/\.$/, "")}.`;
  }

  private tree(node: Node | null, depth: number, fallback = 0): Tree {
    if (!node) return { kind: "scalar", value: null, style: "empty", start: fallback, end: fallback };
    const start = node.range?.[0] ?? fallback;
    if (isAlias(node) || ("anchor" in node && node.anchor)) {
      this.error(start, "Anchors (&name) and aliases (*name) are not taken. Write the value out.");
      return { kind: "scalar", value: null, style: "empty", start, end: start };
    }
    if (isScalar(node)) return this.scalar(node);
    if (node.tag && "srcToken" in node && isCollection(node) && !/^tag:yaml.org,2002:(map|seq)$/.test(node.tag)) {
      this.error(start, `The tag ${node.tag} is not taken. Write plain text, a number, true or false.`);
    }
    if (depth >= DEEPEST) throw new RangeError("too deep");
    return isCollection(node) ? this.collection(node as never, depth) : this.scalar(node as never);
  }

  private scalar(node: YamlScalar): Scalar {
    const [start, end] = node.range ?? [0, 0];
    const token = node.srcToken;
    if (!TEXT_TAGS.has(node.tag))
      this.error(start, `The tag ${node.tag} is not taken. Write plain text, a number, true or false.`);
    const text = typeof node.value === "string" ? node.value : "";
    if (HALF_CHARACTER.test(text)) this.error(start, "This text holds half of a character. Take it out.");
    if (token?.type === "block-scalar")
      return { kind: "scalar", value: text, style: "block", start, ...blockPlaces(token) };
    if (token?.type === "single-quoted-scalar") return { kind: "scalar", value: text, style: "single", start, end };
    if (token?.type === "double-quoted-scalar") return { kind: "scalar", value: text, style: "double", start, end };
    const style: Style = start === end ? "empty" : "plain";
    const value = node.tag === "tag:yaml.org,2002:str" ? text : plainValue(text);
    if (value === undefined) {
      this.error(start, "This number is too large. If it is no number to count with, put it in quotes.");
    }
    return { kind: "scalar", value: value ?? null, style, start, end };
  }

  private collection(node: Node & { items: unknown[]; flow?: boolean; srcToken?: CST.Token }, depth: number): Tree {
    const map = isMap(node);
    const flow = node.srcToken?.type === "flow-collection";
    const [start, valueEnd] = node.range ?? [0, 0];
    const token = node.srcToken as CST.BlockMap | CST.BlockSequence | CST.FlowCollection | undefined;
    const written = (token?.items ?? []).filter((each) => each.start.some((part) => part.type === "seq-item-ind"));
    const slots = node.items.map((item, at) =>
      isPair(item) ? this.pair(item as never, depth, flow) : this.item(item as Node, written[at], depth, flow),
    );
    if (map) this.checkKeys(slots);
    const collection: Collection = { kind: map ? "map" : "list", flow, slots, start, end: valueEnd };
    if (!flow) collection.end = slots.at(-1)?.end ?? start;
    return this.unquotedVariable(collection) ?? collection;
  }

  private pair(pair: Pair<Node, Node | null>, depth: number, flow: boolean): Slot {
    const token = pair.srcToken as CST.CollectionItem | undefined;
    const colon = token?.sep?.find((each) => each.type === "map-value-ind");
    const explicit = token?.start.some((each) => each.type === "explicit-key-ind") ?? false;
    const keyNode: Node | null = pair.key;
    const keyStart = keyNode?.range?.[0] ?? colon?.offset ?? 0;
    const keyEnd = keyNode?.range?.[1] ?? keyStart;
    let key = "";
    if (isScalar(keyNode)) {
      key = String(keyNode.value ?? "");
      if (keyNode.anchor)
        this.error(keyStart, "Anchors (&name) and aliases (*name) are not taken. Write the value out.");
      if (flow && keyNode.srcToken?.type === "scalar") this.checkQuestionMark(key, keyStart);
      if (HALF_CHARACTER.test(key)) this.error(keyStart, "This text holds half of a character. Take it out.");
    } else if (keyNode) {
      this.error(keyStart, "A field's name must be text.");
    }
    if (!flow && !explicit && keyStart === keyEnd) this.error(keyStart, "A field's name is missing before the colon.");
    const after = colon ? colon.offset + 1 : null;
    const value = this.tree(pair.value, depth + 1, after ?? keyEnd);
    return this.slot({ key, start: keyStart, keyEnd, after, value, explicit }, flow);
  }

  private item(node: Node, token: CST.CollectionItem | undefined, depth: number, flow: boolean): Slot {
    const dash = flow ? undefined : token?.start.find((each) => each.type === "seq-item-ind");
    const after = dash ? dash.offset + 1 : null;
    if (flow && isMap(node) && node.srcToken?.type !== "flow-collection") {
      return this.singlePair(node as never, depth);
    }
    const value = this.tree(node, depth + 1, after ?? node.range?.[0] ?? 0);
    const start = dash?.offset ?? value.start;
    return this.slot({ key: "", start, keyEnd: start, after, value, explicit: false }, flow);
  }

  /** `[a: b]` is a list of one object. */
  private singlePair(node: Node & { items: Pair<Node, Node | null>[] }, depth: number): Slot {
    const slots = node.items.map((each) => ({ ...this.pair(each, depth + 1, true), explicit: true }));
    const start = slots[0]?.start ?? 0;
    const value: Collection = { kind: "map", flow: true, slots, start, end: slots.at(-1)?.end ?? start };
    return this.slot({ key: "", start, keyEnd: start, after: null, value, explicit: true }, true);
  }

  private slot(part: Omit<Slot, "column" | "end">, flow: boolean): Slot {
    const { value } = part;
    if (flow && value.kind === "scalar" && value.style === "plain") {
      this.checkQuestionMark(this.text.slice(value.start, value.end), value.start);
    }
    if (value.kind === "scalar" && value.style === "empty") {
      const at = part.after ?? part.keyEnd;
      return { ...part, value: { ...value, start: at, end: at }, column: this.column(part.start), end: at };
    }
    return { ...part, column: this.column(part.start), end: value.end };
  }

  private column(offset: number): number {
    return offset - (this.text.lastIndexOf("\n", offset - 1) + 1);
  }

  private checkQuestionMark(text: string, start: number): void {
    if (text.includes("?")) this.error(start, "Inside { } and [ ], text with a question mark must stand in quotes.");
  }

  private checkKeys(slots: Slot[]): void {
    const first = new Map<string, Slot>();
    for (const slot of slots) {
      const before = first.get(slot.key);
      if (before) {
        const { line } = this.lines.linePos(before.start);
        this.error(slot.start, `"${slot.key}" is written twice; the first is in line ${line}. Keep one.`);
      } else {
        first.set(slot.key, slot);
      }
    }
  }

  /** `[[name]]` without quotes is a list in a list. It is read as the variable that was meant, and is a mistake. */
  private unquotedVariable(outer: Collection): Scalar | null {
    const inner = outer.kind === "list" && outer.flow && outer.slots.length === 1 ? outer.slots[0]?.value : undefined;
    if (inner?.kind !== "list" || !inner.flow || inner.slots.length !== 1) return null;
    const only = inner.slots[0]?.value;
    if (only?.kind !== "scalar" || only.style !== "plain" || typeof only.value !== "string") return null;
    if (!VARIABLE.test(only.value) || this.text.slice(only.start, only.end) !== only.value) return null;
    this.error(outer.start, `Text that begins with [[ must stand in quotes: "[[${only.value}]]".`);
    return { kind: "scalar", value: `[[${only.value}]]`, style: "double", start: outer.start, end: outer.end };
  }
}

function blockPlaces(token: CST.BlockScalar): Pick<Scalar, "end" | "block"> {
  const sign = token.props.find((each): each is CST.SourceToken => each.type === "block-scalar-header");
  const signEnd = sign ? sign.offset + sign.source.length : token.offset;
  const header = token.props.reduce((length, each) => length + ("source" in each ? each.source.length : 0), 0);
  const keepsAll = sign?.source.includes("+") ?? false;
  const content = keepsAll ? token.source.replace(/\r?\n$/, "") : token.source.replace(/[\s]*$/, "");
  const last = sign && token.props.at(-1);
  const headerEnd = last && last.type === "newline" ? last.offset : token.offset + header;
  const end = content.length > 0 || keepsAll ? token.offset + header + content.length : headerEnd;
  return { end: Math.max(end, signEnd), block: { signEnd, keepsBreak: !sign?.source.includes("-") } };
}
