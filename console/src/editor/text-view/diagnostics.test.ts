import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFlow } from "../../flow-text/flow-text";
import { lineProblems, smallestChange } from "./diagnostics";

const TEXT = "flow: hello\nstart: a\nnodes:\n  a:\n    type: text\n    say: One\n    then: end\n";
const finding = { file: "", flow: "hello", node: "a", field: "say", message: "is too long", code: "", subject: "" };

describe("the problems in the margin", () => {
  it("stand at the line that the service names", () => {
    const findings = { problems: [{ ...finding, line: 6 }], warnings: [], warnings_found: [], variables: {} };
    expect(lineProblems(parseFlow(TEXT), findings)).toEqual([{ line: 6, message: "a: say: is too long" }]);
  });

  it("go with their node when lines were added since", () => {
    const findings = { problems: [{ ...finding, line: 6 }], warnings: [], warnings_found: [], variables: {} };
    const longer = TEXT.replace("nodes:", "# 1\n# 2\n# 3\nnodes:");
    expect(lineProblems(parseFlow(longer), findings)).toEqual([{ line: 7, message: "a: say: is too long" }]);
  });

  it("of a broken text are where it is broken", () => {
    const [problem] = lineProblems(parseFlow(TEXT.replace("say: One", "say: [One")), null);
    expect(problem?.line).toBeGreaterThanOrEqual(6);
  });
});

describe("the smallest change", () => {
  it("makes one text the other", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { from, to, insert } = smallestChange(before, after);
        expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
      }),
    );
  });
});
