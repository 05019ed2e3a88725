/** Writes values as YAML, in the style of the example flows. */

import { isRecord, type Json } from "./model";
import { canBeBlock, isScalar, writeKey, writeScalar } from "./scalars";
import type { Style } from "./tree";

const LONGEST_LINE = 110;

/** What stands behind a colon or a dash: in the same line (may be empty), and in the lines below it, indented. */
export interface Written {
  head: string;
  lines: string[];
}

/** A value in one line, with brackets. */
export function inBrackets(value: Json): string {
  if (isScalar(value)) return writeScalar(value, "plain", true);
  if (Array.isArray(value)) return `[${value.map(inBrackets).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, each]) => field(key, each))
    .join(", ")}}`;
}

/** A field inside brackets. */
export function field(key: string, value: Json): string {
  return `${writeKey(key, true)}: ${inBrackets(value)}`;
}

/**
 * A value outside of brackets. `column` is that of its key or dash, `style` that of the scalar that it replaces.
 */
export function asBlock(value: Json, column: number, step: number, style: Style = "plain"): Written {
  if (typeof value === "string" && canBeBlock(value) && style !== "double" && style !== "single") {
    return { head: "|-", lines: value.split("\n").map((line) => (line ? indented(line, column + step) : "")) };
  }
  if (isScalar(value)) return { head: writeScalar(value, style, false), lines: [] };
  const short = inBrackets(value);
  if (isFlat(value) && short.length + column <= LONGEST_LINE) return { head: short, lines: [] };
  return { head: "", lines: blockLines(value, column + step, step) };
}

/** The entries of an object or a list, a line or more for each. */
export function blockLines(value: Json, column: number, step: number): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => itemLines(each, column, step));
  if (!isRecord(value)) throw new TypeError("only objects and lists have entries");
  return Object.entries(value).flatMap(([key, each]) => fieldLines(key, each, column, step));
}

/** A field with its value, a line or more. */
export function fieldLines(key: string, value: Json, column: number, step: number): string[] {
  const { head, lines } = asBlock(value, column, step);
  return [indented(`${writeKey(key, false)}:${head && ` ${head}`}`, column), ...lines];
}

/** An item of a list, a line or more. */
export function itemLines(value: Json, column: number, step: number): string[] {
  if (isRecord(value) && !isFlat(value)) {
    const [first = "", ...rest] = blockLines(value, column + 2, step);
    return [indented(`- ${first.trimStart()}`, column), ...rest];
  }
  const { head, lines } = asBlock(value, column, step);
  return [indented(`-${head && ` ${head}`}`, column), ...lines];
}

export function indented(line: string, column: number): string {
  return " ".repeat(column) + line;
}

/** Whether a value reads well in one line: nothing but single values, or one list or object of them, in it. */
function isFlat(value: Json, levels = 2): boolean {
  if (typeof value === "string") return !value.includes("\n");
  if (isScalar(value)) return true;
  const inside = Object.values(value);
  return inside.length === 0 || (levels > 0 && inside.every((each) => isFlat(each, levels - 1)));
}
