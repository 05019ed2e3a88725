/**
 * How single values are read and written.
 *
 * The dialect is that of the server's reader: YAML 1.2 with JSON's types, without octal, hexadecimal and infinite numbers.
 */

import type { Json } from "./model";
import type { Style } from "./tree";

const WORDS = new Map<string, boolean | null>(
  [["", null] as const, ["~", null] as const].concat(
    (["null", "true", "false"] as const).flatMap((word) => {
      const value = word === "null" ? null : word === "true";
      return [word, word[0]?.toUpperCase() + word.slice(1), word.toUpperCase()].map((form) => [form, value] as never);
    }),
  ),
);
const NUMBER = /^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;

/** Numbers of YAML 1.2's core schema: more than this dialect has, so that other programs read the same text. */
const CORE_NUMBER =
  /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** What the server's reader takes for a line break or refuses, or what nobody can see. */
const NEEDS_ESCAPES = /[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
const EACH_ESCAPED = new RegExp(`["\\\\]|${NEEDS_ESCAPES.source}`, "gu");
const SHORT_ESCAPES: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/** The value of a text without quotes; undefined for a number that is too large. */
export function plainValue(text: string): string | number | boolean | null | undefined {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!NUMBER.test(text)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** A value in one line. `style` is how the value before it was written; `inBrackets` is inside `{ }` or `[ ]`. */
export function writeScalar(value: string | number | boolean | null, style: Style, inBrackets: boolean): string {
  if (typeof value !== "string") return String(value);
  if (style === "single" && !NEEDS_ESCAPES.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return style !== "double" && canBePlain(value, inBrackets) ? value : quoted(value);
}

/** The name of a field. */
export function writeKey(key: string, inBrackets: boolean): string {
  return writeScalar(key, "plain", inBrackets);
}

function canBePlain(text: string, inBrackets: boolean): boolean {
  if (WORDS.has(text) || CORE_NUMBER.test(text) || NEEDS_ESCAPES.test(text)) return false;
  if (/^[-?:,[\]{}#&*!|>'"%@`\s]|\s$|:$|:\s|\s#/u.test(text)) return false;
  return !(inBrackets && /[,?[\]{}]/.test(text));
}

function quoted(text: string): string {
  const escaped = text.replace(EACH_ESCAPED, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    return SHORT_ESCAPES[sign] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
  return `"${escaped}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** Whether a text can be written as a block of lines: its lines say all, and no blank that matters is invisible. */
export function canBeBlock(text: string): boolean {
  const lines = text.split("\n");
  return (
    lines.length > 1 &&
    !/^[\s]/u.test(text) &&
    lines.every((line) => !NEEDS_ESCAPES.test(line) && line.trimEnd() === line) &&
    lines.at(-1) !== ""
  );
}

export function isScalar(value: Json): value is string | number | boolean | null {
  return value === null || typeof value !== "object";
}
