import { expect, test } from "vitest";
import type { NodeType } from "../node-types/node-type";
import answer from "../node-types/testing/node-types.json";
import { withExitNames } from "./exit-names";
import { setField } from "./flow-text";

const types = answer as unknown as NodeType[];
const TEXT = `flow: choice
start: ask
nodes:
  ask:
    type: menu
    prompt: Which?
    options:
      - {id: red, title: Red}   # the first
      - {id: blue, title: Blue}
    exits:
      blue: end
      red: bye   # says goodbye
      timeout: end
  bye: {type: text, text: Bye}
`;

const edited = (path: (string | number)[], value: string, text = TEXT) =>
  withExitNames(text, setField(text, "ask", path, value), "ask", types);

test("where an option leads follows its new id, and nothing else changes", () => {
  expect(edited(["options", 0, "id"], "crimson")).toBe(
    TEXT.replace("id: red", "id: crimson").replace("red: bye", "crimson: bye"),
  );
});

test("exits in brackets follow too", () => {
  const text = TEXT.replace(/ {4}exits:[^]*? {2}bye:/, "    exits: {red: bye, blue: end}\n  bye:");
  expect(edited(["options", 1, "id"], "dark blue", text)).toContain("exits: {red: bye, dark blue: end}");
});

test("another title renames no exit", () => {
  expect(edited(["options", 0, "title"], "Ruby")).toBe(TEXT.replace("title: Red", "title: Ruby"));
});

test("options that change places keep their exits", () => {
  const options = [
    { id: "blue", title: "Blue" },
    { id: "red", title: "Red" },
  ];
  const moved = setField(TEXT, "ask", ["options"], options);
  expect(withExitNames(TEXT, moved, "ask", types)).toBe(moved);
});

test("the id of another option takes no exit away from it", () => {
  expect(edited(["options", 0, "id"], "blue")).toBe(TEXT.replace("id: red", "id: blue"));
});
