/** Which form field suits a part of a JSON Schema. */

import { isRecord, type Json } from "../../flow-text/model";
import { alternatives, isTarget, itemOf, type Placed, property, resolved, type Schema } from "../../node-types/schemas";

/** The fields that are made for one job; the API names them in `x-widget`. */
const WIDGETS = [
  "text",
  "template",
  "variable",
  "file",
  "asset",
  "integration",
  "parameters",
  "pattern",
  "duration",
  "node",
] as const;
type Widget = (typeof WIDGETS)[number];

export type FieldKind =
  | { kind: Widget }
  | { kind: "line" | "number" | "boolean" | "scalar" | "yaml" }
  /** A node of this flow, or a target of an exit. */
  | { kind: "choice"; values: Json[] }
  | { kind: "choices"; values: Json[] }
  | { kind: "texts"; item: Placed }
  | { kind: "entries"; item: Placed }
  | { kind: "group"; placed: Placed; optional: boolean }
  | { kind: "map"; item: Placed };

/** The form field for values of this schema. `yaml` is for what no field was made for. */
export function fieldKind(placed: Placed): FieldKind {
  const whole = resolved(placed);
  const widget = WIDGETS.find((each) => each === whole.schema["x-widget"]);
  if (widget) return { kind: widget };
  if (isTarget(whole)) return { kind: "node" };
  const choices = alternatives(whole).filter(({ schema }) => schema.type !== "null");
  const optional = choices.length < alternatives(whole).length;
  const only = choices.length === 1 ? choices[0] : undefined;
  if (only) return ofOne(only, optional);
  const types = choices.map(({ schema }) => schema.type);
  const scalars = ["string", "integer", "number", "boolean"];
  return types.length > 0 && types.every((type) => typeof type === "string" && scalars.includes(type))
    ? { kind: "scalar" }
    : { kind: "yaml" };
}

function ofOne(placed: Placed, optional: boolean): FieldKind {
  const { schema } = placed;
  const values = valuesOf(schema);
  if (values) return { kind: "choice", values };
  switch (schema.type) {
    case "string":
      return { kind: "line" };
    case "integer":
    case "number":
      return { kind: "number" };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return ofList(placed);
    case "object":
      return ofObject(placed, optional);
    default:
      return { kind: "yaml" };
  }
}

function ofList(placed: Placed): FieldKind {
  const item = itemOf(placed);
  if (!item) return { kind: "yaml" };
  const kind = fieldKind(item);
  if (kind.kind === "choice") return { kind: "choices", values: kind.values };
  if (kind.kind === "group") return { kind: "entries", item };
  return ["line", "number", "scalar", "template", "text", "variable"].includes(kind.kind)
    ? { kind: "texts", item }
    : { kind: "yaml" };
}

function ofObject(placed: Placed, optional: boolean): FieldKind {
  if (placed.schema.properties && Object.keys(placed.schema.properties).length > 0)
    return { kind: "group", placed, optional };
  const item = valueOfMap(placed);
  return item ? { kind: "map", item } : { kind: "yaml" };
}

/** The schema of the values of an object with names that the author chooses. */
function valueOfMap({ schema, root }: Placed): Placed | null {
  const byPattern = Object.values(schema.patternProperties ?? {})[0];
  if (byPattern) return resolved({ schema: byPattern, root });
  const any = schema.additionalProperties;
  if (isRecord(any as Json)) return resolved({ schema: any as Schema, root });
  return any === true ? { schema: { "x-widget": "template" }, root } : null;
}

function valuesOf(schema: Schema): Json[] | null {
  if (Array.isArray(schema.enum)) return schema.enum as Json[];
  return schema.const === undefined ? null : [schema.const as Json];
}

/** Whether a field of this kind can show a value; where it cannot, the value is shown as YAML. */
export function canShow(field: FieldKind, value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  const isScalar = typeof value !== "object";
  switch (field.kind) {
    case "yaml":
      return true;
    case "boolean":
      return typeof value === "boolean";
    case "node":
    case "integration":
    case "asset":
    case "file":
    case "variable":
    case "pattern":
    case "text":
      return typeof value === "string" || (field.kind === "node" && isRecord(value));
    case "choice":
      return field.values.includes(value);
    case "choices":
      return Array.isArray(value) && value.every((each) => field.values.includes(each));
    case "texts":
      return Array.isArray(value) && value.every((each) => each !== null && typeof each !== "object");
    case "entries":
      return Array.isArray(value) && value.every((each) => isRecord(each));
    case "group":
    case "map":
    case "parameters":
      return isRecord(value);
    default:
      return isScalar;
  }
}

/** What a person reads above a field. */
export function labelOf(placed: Placed | null, name: string): string {
  const title = placed && resolved(placed).schema.title;
  return title || inWords(name);
}

export function inWords(name: string): string {
  const words = name.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A set of fields of which exactly one choice is filled in, such as the comparison of a case. */
export interface Choice {
  /** The names of the fields of each choice. */
  of: string[][];
}

/** The choice that an object asks for, by `oneOf` of `required` fields; null where it asks for none. */
export function choiceOf({ schema }: Placed): Choice | null {
  const named = (schema.oneOf ?? []).map((each) => (each.properties ? [] : (each.required ?? [])));
  const of = named.filter((names) => names.length > 0 && names.every((name) => schema.properties?.[name]));
  return of.length > 1 && of.length === schema.oneOf?.length ? { of } : null;
}

/** Which choice an object has made: the first with a field that is there; -1 for none. */
export function chosen(choice: Choice, value: Json | undefined): number {
  return choice.of.findIndex((names) => isRecord(value) && names.some((name) => Object.hasOwn(value, name)));
}

/** The schema of a field of an object, with all that the author may need to know of it. */
export function propertyOf(placed: Placed, name: string): Placed {
  return property(placed, name) ?? { schema: {}, root: placed.root };
}
