/** The parts of a node type's JSON Schema that the console looks at. */

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  patternProperties?: Record<string, Schema>;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  "x-widget"?: string;
  "x-card"?: boolean;
}

/** A schema with the definitions that it may refer to. */
export interface Placed {
  schema: Schema;
  root: Schema;
}

/** The schema of a whole node. */
export function nodeSchema(configSchema: Record<string, unknown>): Placed {
  const root = configSchema as Schema;
  return { schema: root, root };
}

/** The schema itself, or what it refers to, with the words and hints that stand beside the reference. */
export function resolved({ schema, root }: Placed): Placed {
  const name = schema.$ref?.replace("#/$defs/", "");
  const meant = name === undefined ? undefined : root.$defs?.[name];
  if (!meant) return { schema, root };
  const { $ref: _, ...beside } = schema;
  return { schema: { ...resolved({ schema: meant, root }).schema, ...beside }, root };
}

/** What a value may be: the alternatives of a schema, without references. */
export function alternatives(placed: Placed): Placed[] {
  const { schema, root } = resolved(placed);
  const choices = schema.anyOf ?? schema.oneOf;
  // Beside properties, oneOf says which of them are there together; it is no choice between values.
  if (!choices || schema.properties) return [{ schema, root }];
  return choices.flatMap((choice) => alternatives({ schema: choice, root }));
}

/** The schema of a field. */
export function property(placed: Placed, name: string): Placed | null {
  for (const { schema, root } of alternatives(placed)) {
    const found = schema.properties?.[name];
    if (found) return resolved({ schema: found, root });
    if (typeof schema.additionalProperties === "object") return { schema: schema.additionalProperties, root };
  }
  return null;
}

/** The schema of the items of a list. */
export function itemOf(placed: Placed): Placed | null {
  const list = alternatives(placed).find(({ schema }) => schema.items);
  return list?.schema.items ? resolved({ schema: list.schema.items, root: list.root }) : null;
}

/** Whether a field says where to go: it takes the name of a node or `{flow: name}`. */
export function isTarget(placed: Placed): boolean {
  const takes = alternatives(placed).map(({ schema }) => Object.keys(schema.properties ?? {}).join(" "));
  return takes.includes("flow") && takes.includes("");
}

/** Whether a field names a node of this flow: as a target, or by its hint. */
export function namesNode(placed: Placed): boolean {
  const own = resolved(placed).schema["x-widget"];
  return own === "node" || isTarget(placed);
}
