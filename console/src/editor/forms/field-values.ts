/** What a person writes in a field, and the value that it stands for. */

import { parse, stringify } from "yaml";
import type { Json } from "../../flow-text/model";

/** A number; anything else stays a text, and the API says what is wrong with it. */
export function toNumber(text: string): Json {
  const number = Number(text.trim());
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}

/** A number or true and false where the text is written just so, else the text: 5 is a number, 007 is not. */
export function toScalar(text: string): Json {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return text !== "" && Number.isFinite(number) && String(number) === text ? number : text;
}

export function toText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function toYaml(value: Json | undefined): string {
  return value === undefined ? "" : stringify(value, { lineWidth: 0 }).trimEnd();
}

/** Throws where the text is no YAML. */
export function fromYaml(text: string): Json | undefined {
  if (text.trim() === "") return undefined;
  return parse(text, { schema: "core", maxAliasCount: 0 }) as Json;
}

export const UNITS = [
  { unit: "s", word: "seconds" },
  { unit: "m", word: "minutes" },
  { unit: "h", word: "hours" },
  { unit: "d", word: "days" },
] as const;
export type Unit = (typeof UNITS)[number]["unit"];

export interface Duration {
  amount: string;
  unit: Unit;
}

/** A duration as it is written, a number being seconds; null for another text. */
export function readDuration(value: Json | undefined): Duration | null {
  const match = /^([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([smhd]?)$/.exec(toText(value));
  return match?.[1] === undefined ? null : { amount: match[1], unit: (match[2] || "s") as Unit };
}

export function writeDuration({ amount, unit }: Duration): Json | undefined {
  return amount.trim() === "" ? undefined : `${amount.trim()}${unit}`;
}

/** Seconds in words, such as "10 minutes": for what counts where a field is empty. */
export function durationWords(value: Json | undefined): string {
  const seconds = typeof value === "number" ? value : null;
  if (!seconds) return "";
  const [size, word] = (
    [
      [86400, "days"],
      [3600, "hours"],
      [60, "minutes"],
    ] as const
  ).find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "seconds"];
  return `${seconds / size} ${seconds === size ? word.slice(0, -1) : word}`;
}
