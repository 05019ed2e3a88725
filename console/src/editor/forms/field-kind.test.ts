import { describe, expect, it } from "vitest";
import { nodeSchema, type Placed } from "../../node-types/schemas";
import { choiceOf, fieldKind, propertyOf } from "./field-kind";
import { newEntry } from "./new-values";
import { NODE_TYPES } from "./testing/form-harness";

const variants = NODE_TYPES.flatMap((type) =>
  type.variants.map((variant) => ({
    name: `${type.name}: ${variant.title}`,
    schema: nodeSchema(variant.config_schema),
  })),
);

/** Every field below a schema that a form shows as YAML. */
function yamlFields(placed: Placed, name: string, without: string[] = []): string[] {
  return Object.keys(placed.schema.properties ?? {})
    .filter((property) => !without.includes(property))
    .flatMap((property) => {
      const field = fieldKind(propertyOf(placed, property));
      const path = `${name}.${property}`;
      if (field.kind === "yaml") return [path];
      if (field.kind === "group") return yamlFields(field.placed, path);
      return field.kind === "entries" ? yamlFields(field.item, path) : [];
    });
}

describe("the field for a schema", () => {
  it.each(variants)("is made for every field of $name", ({ name, schema }) => {
    expect(yamlFields(schema, name, ["type", "exits"])).toEqual([]);
  });

  it("is YAML for what no field was made for", () => {
    const of = (schema: object) => fieldKind({ schema, root: {} } as Placed).kind;
    expect(of({})).toBe("yaml");
    expect(of({ type: "array", items: { type: "array", items: {} } })).toBe("yaml");
    expect(of({ anyOf: [{ type: "string" }, { type: "array" }] })).toBe("yaml");
    expect(of({ $ref: "#/$defs/Missing" })).toBe("yaml");
    expect(of({ "x-widget": "hologram", type: "string" })).toBe("line");
  });

  it("offers the comparisons of a case as one choice", () => {
    const condition = variants.find(({ name }) => name.startsWith("condition"))?.schema as Placed;
    const cases = fieldKind(propertyOf(condition, "cases"));
    const item = (cases as { item: Placed }).item;
    expect(choiceOf(item)?.of).toContainEqual(["contains"]);
    expect(newEntry(item, 1)).toEqual({ if: "", equals: "", then: "end" });
  });
});
