import { describe, expect, it } from "vitest";
import { ApiProblem, ApiUnreachable, type Problem, SignedOut } from "../../api/problems";
import { Answer, fakeApi } from "../../testing/fake-api";
import { readDraft, saveDraft, troubleOf } from "./draft-server";

const DRAFT = { revision: 3, by: "ben@example.com", updated_at: "2026-11-20T09:12:00Z" };
const problem = (status: number, kind: string) =>
  new ApiProblem(status, { type: `urn:chatflow:problem:${kind}` as Problem["type"] });

describe("the stored text of a flow", () => {
  it("is the draft, with who saved it", async () => {
    fakeApi("editor", {
      "GET /flows/hello": () => ({ version: 2, draft: DRAFT }),
      "GET /flows/hello/draft": () => "the draft", // the fake's ETag is that of revision 3
    });
    expect(await readDraft("hello")).toEqual({
      etag: '"r3"',
      text: "the draft",
      by: "ben@example.com",
      at: DRAFT.updated_at,
    });
  });

  it("is read again when someone saved between its two requests", async () => {
    let revision = 1;
    const asked = fakeApi("editor", {
      "GET /flows/hello": () => ({ version: null, draft: { ...DRAFT, revision: revision++ } }),
      "GET /flows/hello/draft": () => "the draft",
    });
    expect((await readDraft("hello")).etag).toBe('"r3"');
    expect(asked.filter((each) => each === "GET /flows/hello/draft")).toHaveLength(3);
  });

  it("is the live version where there is no draft, and empty where there is no flow", async () => {
    fakeApi("editor", {
      "GET /flows/hello": () => ({ version: 2, draft: null }),
      "GET /flows/hello/versions/2": () => "the live text",
    });
    expect(await readDraft("hello")).toMatchObject({ etag: null, text: "the live text" });
    expect(await readDraft("nobody")).toEqual({ etag: null, text: "", by: "", at: "" });
  });
});

it("is saved on the condition that nobody else saved since it was seen", async () => {
  const conditions: unknown[] = [];
  fakeApi("editor", {
    "PUT /flows/hello/draft": ({ headers, url }) => {
      conditions.push([headers.get("If-None-Match"), headers.get("If-Match"), new URL(url).search]);
      return { ...DRAFT, revision: 3 };
    },
  });
  const request = { id: 1, kind: "save", text: "flow: hello", etag: null, allowEmpty: false } as const;
  expect(await saveDraft("hello", request)).toEqual({ etag: '"r3"', by: DRAFT.by, at: DRAFT.updated_at });
  await saveDraft("hello", { ...request, etag: '"r3"', allowEmpty: true });
  expect(conditions).toEqual([
    ["*", null, ""],
    [null, '"r3"', "?allow_empty=true"],
  ]);
});

it.each([
  ["someone else saved", problem(412, "edit-conflict"), undefined],
  ["no nodes would be left", problem(409, "empties-flow"), "empties"],
  ["the text cannot be stored", problem(422, "invalid-flow"), "refused"],
  ["the role was withdrawn", problem(403, "forbidden"), "refused"],
  ["too many requests", problem(429, ""), "away"],
  ["the service is broken", problem(502, ""), "away"],
  ["there is no network", new ApiUnreachable(), "away"],
  ["another server answered in between", new SyntaxError("Unexpected token <"), "away"],
  ["the session has ended", new SignedOut(), "signed-out"],
])("a save fails because %s", (_, error, kind) => {
  expect(troubleOf(error)?.kind).toBe(kind);
});

it("says why the service refused a text", async () => {
  fakeApi("editor", {
    "PUT /flows/hello/draft": () =>
      new Answer(413, { type: "urn:chatflow:problem:too-large", detail: "at most 256 KB" }),
  });
  const request = { id: 1, kind: "save", text: "", etag: null, allowEmpty: false } as const;
  const error = await saveDraft("hello", request).catch((error: unknown) => error);
  expect(troubleOf(error)).toEqual({ kind: "refused", why: "at most 256 KB" });
});
