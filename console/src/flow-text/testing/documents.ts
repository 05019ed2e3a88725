/** Random flows, written in random styles: blocks and brackets, all kinds of quotes, and comments everywhere. */

import { isRecord, type Json } from "../model";

/** Numbers from a seed, so that each document can be made again. */
export class Dice {
  constructor(private seed: number) {}

  below(limit: number): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

type Fields = { [key: string]: Json };

const TEXTS = [
  "Hello",
  "Welcome, [[name]]!",
  "a: b",
  "it's # no comment",
  "ünï 日本 😀",
  "two\nlines",
  "ends\n",
  " padded ",
  "",
  "yes",
  "true",
  "012",
  "1e3",
  "-",
  "[[x]] first",
  "tab\there",
  "~",
  "a, b",
  '"quoted"',
  "first\n\n  indented\nlast",
  "What is it?",
  "{brace",
  "# sign",
  "back\\slash",
  "a very long text that goes on and on, ".repeat(4),
  "line  \nwith blanks",
  "\nbegins with a break",
  "two breaks\n\n",
];
const KEYS = ["alpha", "beta", "note", "köy", "with space", "x-y", "true", "5"];

export function anyValue(dice: Dice, depth = 2): Json {
  if (depth > 0 && dice.chance(20)) return Array.from({ length: dice.below(4) }, () => anyValue(dice, depth - 1));
  if (depth > 0 && dice.chance(25)) {
    return Object.fromEntries(
      Array.from({ length: dice.below(4) }, () => [dice.pick(KEYS), anyValue(dice, depth - 1)]),
    );
  }
  if (dice.chance(70)) return dice.pick(TEXTS);
  return dice.pick<Json>([0, 7, -3, 2.5, true, false, null]);
}

export function anyTarget(dice: Dice, ids: string[]): Json {
  if (dice.chance(15)) return "end";
  return dice.chance(15) ? { flow: "another" } : dice.pick(ids);
}

export function anyNode(dice: Dice, ids: string[]): Fields {
  const target = () => anyTarget(dice, ids);
  const then: Fields = dice.chance(50) ? { then: target() } : {};
  const exits: Fields = dice.chance(40) ? { exits: { failed: target(), gave_up: target() } } : {};
  const text = () => dice.pick(TEXTS);
  switch (dice.below(5)) {
    case 0:
      return { type: "text", say: text(), ...then, ...exits };
    case 1: {
      const options: Fields[] = Array.from({ length: 1 + dice.below(3) }, (_, at) => ({
        id: `o${at}`,
        title: text(),
        ...(dice.chance(60) ? { then: target() } : ({} as Fields)),
      }));
      return { type: "menu", prompt: text(), options, ...then };
    }
    case 2: {
      const cases = Array.from({ length: 1 + dice.below(3) }, () => ({ if: "[[a]]", equals: text(), then: target() }));
      return { type: "condition", cases, ...(dice.chance(60) ? { otherwise: target() } : ({} as Fields)) };
    }
    case 3:
      return { type: "media", direction: "inbound", prompt: text(), accept: ["image", "video"], ...then, ...exits };
    default: {
      const extra = Object.fromEntries(KEYS.filter(() => dice.chance(30)).map((key) => [key, anyValue(dice)]));
      return { type: "made_up", ...extra, ...then, ...exits };
    }
  }
}

export function anyFlow(dice: Dice): Fields {
  const ids = ["start_here", "ask", "tell_more", "done", "n5"].slice(0, 1 + dice.below(5));
  const nodes = Object.fromEntries(ids.map((id) => [id, anyNode(dice, ids)]));
  const session: Fields = dice.chance(50)
    ? { session: { timeout: "30m", ...(dice.chance(50) ? { on_timeout: dice.pick(ids) } : {}) } }
    : {};
  const given: Fields = dice.chance(30) ? { given: anyValue(dice) } : {};
  const fields = { chatflow: 1, flow: "it", title: dice.pick(TEXTS), start: ids[0] as string, ...session };
  return dice.chance(15) ? { ...fields, nodes, ...given } : { ...fields, ...given, nodes };
}

/** A value as a text of one line or more, in the style that the dice say. */
export function written(value: Fields, dice: Dice): string {
  const writer = new Writer(dice);
  const lines = dice.chance(3) ? writer.brackets(value, 0) : writer.map(value, 0);
  if (dice.chance(30)) lines.unshift(`# ${writer.comment()}`, "");
  const eol = dice.chance(25) ? "\r\n" : "\n";
  return lines.join(eol) + (dice.chance(25) ? "" : eol);
}

class Writer {
  private comments = 0;
  private readonly step: number;
  private readonly density: number;

  constructor(private readonly dice: Dice) {
    this.step = dice.pick([2, 2, 2, 4, 3]);
    this.density = dice.pick([0, 10, 30]);
  }

  comment(): string {
    this.comments += 1;
    return `comment ${this.comments}: it's {said}.`;
  }

  map(value: Fields, column: number): string[] {
    return Object.entries(value).flatMap(([key, each]) => [
      ...this.above(column),
      ...this.entry(`${" ".repeat(column)}${this.short(key, true)}:`, each, column, false),
    ]);
  }

  brackets(value: Json, column: number): string[] {
    if (!this.dice.chance(35) || typeof value !== "object" || value === null) return [this.inBrackets(value)];
    const blanks = " ".repeat(column);
    const entries = Array.isArray(value)
      ? value.map((each) => this.inBrackets(each))
      : Object.entries(value).map(([key, each]) => `${this.short(key, true)}: ${this.inBrackets(each)}`);
    const [open, close] = Array.isArray(value) ? "[]" : "{}";
    const trailing = this.dice.chance(30);
    const lines = entries.flatMap((entry, at) => [
      ...this.above(column),
      `${blanks}${entry}${at < entries.length - 1 || trailing ? "," : ""}${this.behind()}`,
    ]);
    return [`${open}${this.behind()}`, ...lines, `${blanks}${close}`];
  }

  private list(value: Json[], column: number): string[] {
    return value.flatMap((each) => [
      ...this.above(column),
      ...this.entry(`${" ".repeat(column)}-`, each, column, true),
    ]);
  }

  private entry(head: string, value: Json, column: number, isItem: boolean): string[] {
    if (typeof value !== "object" || value === null) return this.scalar(head, value, column);
    const isEmpty = Object.keys(value).length === 0;
    if (isEmpty || this.dice.chance(20)) {
      const [first = "", ...rest] = this.brackets(value, column + this.step);
      const last = rest.at(-1) ?? `${head} ${first}`;
      return rest.length === 0
        ? [last + this.behind()]
        : [`${head} ${first}`, ...rest.slice(0, -1), last + this.behind()];
    }
    if (isItem && isRecord(value) && this.dice.chance(80)) {
      const [first = "", ...rest] = this.compact(value, column + 2);
      return [`${head} ${first.trimStart()}`, ...rest];
    }
    const below = Array.isArray(value)
      ? this.list(value, isItem || this.dice.chance(60) ? column + this.step : column)
      : this.map(value, column + this.step);
    return [head + this.behind(), ...below];
  }

  private compact(value: Fields, column: number): string[] {
    const [[key, first] = ["", null], ...rest] = Object.entries(value);
    return [
      ...this.entry(`${" ".repeat(column)}${this.short(key, true)}:`, first, column, false),
      ...this.map(Object.fromEntries(rest), column),
    ];
  }

  private scalar(head: string, value: Json, column: number): string[] {
    if (
      typeof value === "string" &&
      /^[^\s#].*\n/.test(value) &&
      !/[ \t]\n|\n\n$/.test(value) &&
      this.dice.chance(70)
    ) {
      const lines = value.replace(/\n$/, "").split("\n");
      const sign = value.endsWith("\n") ? "|" : "|-";
      const blanks = " ".repeat(column + this.step);
      return [`${head} ${sign}${this.behind()}`, ...lines.map((line) => (line ? blanks + line : ""))];
    }
    if (value === null && this.dice.chance(50)) return [head + this.behind()];
    return [`${head} ${this.short(value, false)}${this.behind()}`];
  }

  private inBrackets(value: Json): string {
    if (typeof value !== "object" || value === null) return this.short(value, true);
    if (Array.isArray(value)) return `[${value.map((each) => this.inBrackets(each)).join(", ")}]`;
    const blank = this.dice.chance(30) ? " " : "";
    const entries = Object.entries(value).map(([key, each]) => `${this.short(key, true)}: ${this.inBrackets(each)}`);
    return `{${blank}${entries.join(", ")}${blank}}`;
  }

  private short(value: Json, narrow: boolean): string {
    if (typeof value !== "string") return String(value);
    const plain = narrow ? /^[a-zäöü][a-zäöü0-9_]*$/i : /^[a-zäöü][\wäöü ,.'?!日本😀]*[\w.!?]$/iu;
    if (plain.test(value) && !/^(true|null|yes|false)$/.test(value) && this.dice.chance(70)) return value;
    if (!/[\n\t]/.test(value) && this.dice.chance(40)) return `'${value.replaceAll("'", "''")}'`;
    return JSON.stringify(value);
  }

  private above(column: number): string[] {
    const blank = this.dice.chance(this.density / 2) ? [""] : [];
    const comment = this.dice.chance(this.density) ? [`${" ".repeat(column)}# ${this.comment()}`] : [];
    return this.dice.chance(50) ? [...blank, ...comment] : [...comment, ...blank];
  }

  private behind(): string {
    return this.dice.chance(this.density) ? `${this.dice.pick([" ", "   "])}# ${this.comment()}` : "";
  }
}
