/** What a new part of a node begins with. */

import type { Json } from "../../flow-text/model";
import { isTarget, type Placed, resolved } from "../../node-types/schemas";
import { choiceOf, fieldKind, propertyOf } from "./field-kind";

/** The value with which a field begins that must be there. */
export function emptyValue(placed: Placed): Json {
  const { schema } = resolved(placed);
  if (schema.default !== undefined && schema.default !== null) return schema.default as Json;
  const field = fieldKind(placed);
  switch (field.kind) {
    case "boolean":
      return true;
    case "number":
      return schema.minimum ?? 0;
    case "choice":
      return field.values[0] ?? "";
    case "choices":
    case "texts":
    case "entries":
      return [];
    case "group":
      return newEntry(field.placed, 1);
    case "map":
    case "parameters":
      return {};
    default:
      return isTarget(placed) ? "end" : "";
  }
}

/** A new object: its required fields, and the first choice where it has one. `number` makes its name. */
export function newEntry(placed: Placed, number: number): { [key: string]: Json } {
  const { schema } = placed;
  const names = [...(schema.required ?? []), ...(choiceOf(placed)?.of[0] ?? [])];
  const order = Object.keys(schema.properties ?? {});
  return Object.fromEntries(
    names
      .toSorted((one, other) => order.indexOf(one) - order.indexOf(other))
      .map((name) => [name, nameFor(placed, name, number) ?? emptyValue(propertyOf(placed, name))]),
  );
}

/** A name that fits, where the field is one. */
function nameFor(placed: Placed, field: string, number: number): string | null {
  const property = propertyOf(placed, field);
  const { pattern } = property.schema;
  if (!pattern || fieldKind(property).kind !== "line") return null;
  const name = `${(placed.schema.title ?? "entry").toLowerCase()}_${number}`;
  return new RegExp(pattern).test(name) ? name : null;
}
