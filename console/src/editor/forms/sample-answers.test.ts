import { describe, expect, it } from "vitest";
import { tryPattern } from "./sample-answers";

describe("trying a pattern", () => {
  it.each([
    ["[A-Z]{2}", "AB", true],
    ["[A-Z]{2}", "ABC", false],
    ["a|b", "ab", false],
    ["(?i)yes", "YES", true],
    ["\\p{L}+", "Zoë", true],
    ["[A-Z0-9\\-]+", "A-1", true],
    ["(?P<year>[0-9]{4})", "2026", true],
  ])("matches the whole answer: %s on %s", (pattern, answer, fits) => {
    expect(tryPattern(pattern, answer)).toEqual({ fits });
  });

  it.each(["(?=a)a", "(?<!a)b", "(a)\\1", "[a", "\\u0041"])("says why %s cannot be tried", (pattern) => {
    expect(tryPattern(pattern, "a")).toHaveProperty("problem");
  });
});
