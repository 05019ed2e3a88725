import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, parseFlow, setField } from "../../flow-text/flow-text";
import { fromYaml, readDuration, toScalar, toText, toYaml, UNITS, writeDuration } from "./field-values";

const FLOW = 'flow: x\nnodes:\n  a: {type: text, say: "Hello."}\n';

/** What the model says after a form wrote a value. */
function written(value: Json): Json | undefined {
  return parseFlow(setField(FLOW, "a", ["field"], value)).flow?.nodes[0]?.fields.field;
}

describe("what is written in a field", () => {
  it("comes out of the flow's text as the same text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => !/\p{C}/u.test(text)),
        (text) => {
          expect(written(text)).toBe(text);
        },
      ),
    );
  });

  it("comes out as the same number or truth where it is written as one", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.boolean()), (value) => {
        expect(toScalar(toText(value))).toBe(value);
        expect(written(toScalar(toText(value)))).toBe(value);
      }),
    );
    expect(toScalar("007")).toBe("007");
  });

  it("comes out as the same value where it is written as YAML", () => {
    const value = fc.jsonValue({ maxDepth: 3 }).filter((each) => !/\\|__proto__|-0/.test(JSON.stringify(each)));
    fc.assert(
      fc.property(value, (each) => {
        expect(JSON.stringify(fromYaml(toYaml(each as Json)))).toBe(JSON.stringify(each));
      }),
    );
  });

  it("comes out as the same time span", () => {
    const spans = fc.record({
      amount: fc.nat(999_999).map(String),
      unit: fc.constantFrom(...UNITS.map(({ unit }) => unit)),
    });
    fc.assert(
      fc.property(spans, (span) => {
        expect(readDuration(written(writeDuration(span) as Json))).toEqual(span);
      }),
    );
  });
});
