/** What the console knows of a flow: the data behind the canvas, the outline and the forms. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Where an exit leads. `other` is what is written there and is no target. */
export type Target =
  | { kind: "node"; node: string }
  | { kind: "end" }
  | { kind: "flow"; flow: string }
  | { kind: "other"; text: string };

export interface FlowNode {
  id: string;
  /** Empty where no type is written. */
  type: string;
  /** All fields but `type`, `exits` and `then`. */
  fields: Record<string, Json>;
  /** What is written under `exits`. */
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
  /** All fields but `flow`, `title`, `start` and `nodes`. */
  fields: Record<string, Json>;
  nodes: FlowNode[];
}

/** A place in the text, counted from 1, and what is wrong there. */
export interface TextError {
  line: number;
  column: number;
  message: string;
}

export interface FlowDocument {
  text: string;
  /** Null when the text is broken; then there is at least one error. */
  flow: FlowModel | null;
  errors: TextError[];
}

/** An edit that cannot be made. The message is for the person who wanted it. */
export class EditRefused extends Error {
  override name = "EditRefused";
}

/** The target that this value of a field stands for. */
export function toTarget(value: Json): Target {
  if (value === "end") return { kind: "end" };
  if (typeof value === "string") return { kind: "node", node: value };
  if (isRecord(value) && Object.keys(value).length === 1 && typeof value.flow === "string") {
    return { kind: "flow", flow: value.flow };
  }
  return { kind: "other", text: JSON.stringify(value) };
}

/** How a target is written in a flow. */
export function fromTarget(target: Target): Json {
  switch (target.kind) {
    case "end":
      return "end";
    case "node":
      return target.node;
    case "flow":
      return { flow: target.flow };
    case "other":
      return target.text;
  }
}

export function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two values are the same, whatever the order of fields. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((each, at) => sameJson(each, other[at]));
  }
  if (isRecord(one)) {
    if (!isRecord(other)) return false;
    const keys = Object.keys(one);
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
    );
  }
  return one === other;
}
