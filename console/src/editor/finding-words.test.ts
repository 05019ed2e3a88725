import { expect, test } from "vitest";
import { parseFlow } from "../flow-text/flow-text";
import nodeTypes from "../node-types/testing/node-types.json";
import type { NodeType } from "./editor-state";
import { type Finding, findingWords } from "./finding-words";

const TYPES = nodeTypes as unknown as NodeType[];
const FLOW = parseFlow(`flow: choice
start: ask
nodes:
  ask:
    type: menu
    prompt: Which?
    options:
      - {id: red, title: Red}
      - {id: blue, title: Blue}
  photo: {type: media, direction: inbound, prompt: Send it, save_as: photo}
`).flow;

const finding = (more: Partial<Finding>): Finding => ({
  file: "choice.yaml",
  line: 1,
  flow: "choice",
  node: "ask",
  field: "",
  message: "Something is wrong.",
  code: "",
  subject: "",
  ...more,
});
const words = (more: Partial<Finding>) => findingWords(finding(more), FLOW, TYPES);

test("a place is called as the form calls it", () => {
  expect(words({ field: "options[1].title" }).where).toBe("ask, Option 2, Title");
  expect(words({ field: "exits.red" }).where).toBe("ask, Red");
  expect(words({ field: "" }).where).toBe("ask");
  expect(words({ node: "", field: "start" }).where).toBe("First node");
});

test("a message that names its field calls it by the label, and other words in quotes stay", () => {
  const { what } = words({ node: "photo", field: "save_as", message: '"save_as" is missing. Not "photo".' });
  expect(what).not.toContain("save_as");
  expect(what).toMatch(/^“Keep [^”]+” is missing\. Not "photo"\.$/);
});

test.each([
  ["unknown-integration", 'There is no integration "x". Add it to the folder integrations.', /create and publish it/],
  ["unknown-asset", 'There is no asset "x". Add the file to the folder assets.', /library/],
  ["parameter-missing", '"call" needs [[x]]. Give it: parameters: {x: ...}.', /needs a value for “x”/],
  ["exit-not-connected", 'Where "x" leads is not written.', /“x” leads nowhere yet/],
  ["secret-for-any-host", "an administrator decides with `chatflow secrets set x --host ...`", /of tell may be sent/],
  ["secret-for-another-host", "a call is refused", /host of tell/],
])("%s is said in the console's words", (code, message, expected) => {
  const { what, integration } = words({ code, message, subject: "x", node: "", file: "integrations/tell.yaml" });
  expect(what).toMatch(expected);
  expect(what).not.toMatch(/`|folder|\[\[|\{/);
  expect(integration).toBe("tell");
});
