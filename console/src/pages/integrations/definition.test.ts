import { describe, expect, test } from "vitest";
import { nameProblem, newDefinition, parametersOf, readDefinition, secretsOf } from "./definition";

const files = import.meta.glob("../../../../flows/integrations/*.yaml", {
  eager: true,
  query: "?raw",
  import: "default",
});

describe("the parameters of an integration", () => {
  const parameters = (text: string) => {
    const { definition } = readDefinition(text);
    return definition ? parametersOf(definition) : [];
  };

  test("come from every place that takes a value, once each", () => {
    const text = `
integration: x
method: POST
url: "https://a.example/[[plate]]/[[upper:left:3:code]]"
headers: {A: "[[secret:key]]", B: "[[contact:name]]", C: "[[claim.status]]"}
query: {tag: ["[[plate]]", "[[tag]]"]}
request:
  content_type: multipart/form-data
  parts: [{name: f, file: "[[photo]]", filename: "[[title]].jpg"}, {name: n, value: "[[note]]"}, {name: l, file: "[[all]]", files: 10}]
`;
    expect(parameters(text).map((each) => each.name)).toEqual([
      "plate",
      "code",
      "claim",
      "tag",
      "title",
      "photo",
      "note",
      "all",
    ]);
    expect(parameters(text).filter((each) => each.file)).toEqual([
      { name: "photo", file: true, files: null },
      { name: "all", file: true, files: 10 },
    ]);
    expect(secretsOf(text)).toEqual(["key"]);
  });

  test("are found in every example", () => {
    const found = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path.split("/").at(-1),
        parameters(String(text)).map((each) => each.name),
      ]),
    );
    expect(found["claims-upload.yaml"]).toEqual(["plate", "file"]);
    expect(found["report-download.yaml"]).toEqual(["plate"]);
  });
});

test.each(["upload", "send", "download"] as const)("a new integration to %s can be read", (kind) => {
  const { definition, errors } = readDefinition(newDefinition("my-call", 'Say "hello": to all', kind));
  expect(errors).toEqual([]);
  expect(definition).toMatchObject({ integration: "my-call", title: 'Say "hello": to all' });
});

test("a text that is not YAML is answered with the line of its mistake", () => {
  const { definition, errors } = readDefinition("integration: x\nurl: [\n");
  expect(definition).toBeNull();
  expect(errors[0]?.line).toBeGreaterThan(1);
  expect(readDefinition("- a\n").definition).toBeNull();
});

test.each([
  ["", "Give it a name."],
  ["Photo", "Use small letters"],
  ["taken", "There is an integration named taken"],
  ["photo-upload", ""],
])("the name %j of a new integration: %j", (name, problem) => {
  expect(nameProblem(name, ["taken"])).toContain(problem);
  if (!problem) expect(nameProblem(name, ["taken"])).toBe("");
});
