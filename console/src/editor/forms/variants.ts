/** Changes the variant of a node, such as from asking for a file to sending one. */

import { setExit, setField } from "../../flow-text/flow-text";
import type { FlowNode } from "../../flow-text/model";
import { placedExits } from "../../node-types/exits";
import { type NodeType, type NodeVariant, variantOf } from "../../node-types/node-type";
import { nodeSchema } from "../../node-types/schemas";
import { labelOf, propertyOf } from "./field-kind";
import { emptyValue } from "./new-values";

export interface Switch {
  /** What would be lost, in words. */
  dropped: string[];
  edit(text: string): string;
}

/** The switch of a node to another variant of its type: what both have in common stays. */
export function switchTo(node: FlowNode, to: NodeVariant, types: NodeType[]): Switch {
  const from = variantOf(types, node);
  const schema = nodeSchema(to.config_schema);
  const old = from ? nodeSchema(from.config_schema) : schema;
  const known = schema.schema.properties ?? {};
  const fields = Object.keys(node.fields).filter((field) => !Object.hasOwn(known, field));
  const before = placedExits(types, node);
  const after = placedExits(types, { ...node, fields: { ...node.fields, ...to.when } });
  const declared = new Set(to.exits.filter(({ each }) => !each).map(({ name }) => name));
  const gone = before.filter((exit) => exit.writtenAt === "exits" && !declared.has(exit.name));
  const main = after.find((exit) => exit.main && exit.target === null);
  const carried = main && gone.find((exit) => exit.main);
  const missing = (schema.schema.required ?? []).filter(
    (field) => field !== "type" && !Object.hasOwn(node.fields, field) && !Object.hasOwn(to.when, field),
  );
  return {
    dropped: [
      ...fields.map((field) => labelOf(propertyOf(old, field), field)),
      ...gone.filter((exit) => exit !== carried).map((exit) => `Exit: ${exit.label}`),
    ],
    edit(text) {
      let next = text;
      for (const [field, value] of Object.entries(to.when)) next = setField(next, node.id, [field], value);
      for (const field of missing) next = setField(next, node.id, [field], emptyValue(propertyOf(schema, field)));
      for (const field of fields) next = setField(next, node.id, [field], undefined);
      if (main && carried) next = setExit(next, node.id, main.name, carried.target, types);
      for (const exit of gone) next = setExit(next, node.id, exit.name, null, types);
      return next;
    },
  };
}
