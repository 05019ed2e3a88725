/** Node types as `GET /node-types` describes them. */

export interface NodeExit {
  name: string;
  label: string;
  each: string;
  required: boolean;
  main: boolean;
  optional: boolean;
  setback: boolean;
  timeout: boolean;
}

export interface NodeVariant {
  when: Record<string, string>;
  title: string;
  waits: boolean;
  exits: NodeExit[];
  config_schema: Record<string, unknown>;
}

export interface NodeType {
  name: string;
  title: string;
  about: string;
  icon: string;
  variants: NodeVariant[];
}

/** What the variant of a node is chosen by. */
export interface Typed {
  type: string;
  fields: Record<string, unknown>;
}

/**
 * The variant that a node is of. A node that does not say yet which one it is counts as the first; a node of an unknown
 * type has none.
 */
export function variantOf(types: NodeType[], node: Typed): NodeVariant | null {
  const variants = types.find((type) => type.name === node.type)?.variants ?? [];
  const fits = ({ when }: NodeVariant) => Object.entries(when).every(([field, value]) => node.fields[field] === value);
  return variants.find(fits) ?? variants[0] ?? null;
}
