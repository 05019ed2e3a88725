import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DraftEvent, type DraftState, isUnsaved, next, opened, resumed, type Stored } from "./draft-state";

const NOTHING: Stored = { etag: null, text: "live", by: "", at: "" };

/** The drafts of the API, for one flow. It knows whether a text was overwritten that its editor had never seen. */
class FakeServer {
  stored = NOTHING;
  #revision = 0;

  save(by: string, text: string, etag: string | null): Stored | "overtaken" {
    if (etag !== this.stored.etag) return "overtaken";
    this.#revision += 1;
    this.stored = { etag: `r${this.#revision}`, text, by, at: "" };
    return this.stored;
  }
}

class FakeEditor {
  state: DraftState;
  readonly seen = new Set<string>([NOTHING.text]);
  readonly overwritten: string[] = [];
  #edits = 0;

  constructor(
    readonly name: string,
    readonly server: FakeServer,
  ) {
    this.state = opened(server.stored);
  }

  send(event: DraftEvent): void {
    this.state = next(this.state, event);
  }

  edit(): void {
    this.#edits += 1;
    this.send({ type: "edited", text: `${this.name} ${this.#edits}` });
  }

  /** Whatever is stored may be what someone undid: the same words, another revision. */
  editBack(): void {
    this.send({ type: "edited", text: this.state.seen.text });
  }

  /** The request under way takes place; `answer` says whether the answer arrives. */
  work(answer: "arrives" | "is lost" | "request is lost"): void {
    const request = this.state.request;
    if (!request) return;
    const away: DraftEvent = { type: "failed", id: request.id, trouble: { kind: "away" } };
    if (answer === "request is lost") return this.send(away);
    if (request.kind === "read") {
      if (answer === "is lost") return this.send(away);
      return this.send({ type: "read", id: request.id, stored: this.server.stored });
    }
    const before = this.server.stored;
    const result = this.server.save(this.name, request.text, request.etag);
    if (result !== "overtaken") {
      if (before.text !== request.text && !this.seen.has(before.text)) this.overwritten.push(before.text);
      this.seen.add(request.text);
    }
    if (answer === "is lost") return this.send(away);
    if (result === "overtaken") return this.send({ type: "overtaken", id: request.id });
    this.send({ type: "saved", id: request.id, etag: result.etag ?? "", by: result.by, at: result.at });
  }

  decide(choice: "mine" | "theirs"): void {
    const theirs = this.state.conflict;
    if (!theirs) return;
    this.seen.add(theirs.text); // the dialog showed it
    this.send({ type: "decided", text: choice === "mine" ? this.state.text : theirs.text });
  }
}

const STEPS = [
  "edit",
  "edit back",
  "save",
  "look",
  "arrives",
  "is lost",
  "request is lost",
  "mine",
  "theirs",
  "reload",
] as const;

describe("two editors on one draft", () => {
  it("never overwrite a text that they have not seen, and lose none of their own", () => {
    const step = fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(...STEPS));
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const server = new FakeServer();
        const editors = [new FakeEditor("Ann", server), new FakeEditor("Ben", server)];
        for (const [who, what] of steps) {
          const editor = editors[who] as FakeEditor;
          if (what === "edit") editor.edit();
          else if (what === "edit back") editor.editBack();
          else if (what === "save" || what === "look") editor.send({ type: what });
          else if (what === "mine" || what === "theirs") editor.decide(what);
          else if (what === "reload") {
            const { text, seen } = editor.state;
            editor.state = isUnsaved(editor.state)
              ? resumed(server.stored, text, seen.etag, seen.text)
              : opened(server.stored);
            if (!editor.state.conflict) editor.seen.add(server.stored.text);
          } else editor.work(what);
        }
        expect(editors.flatMap((editor) => editor.overwritten)).toEqual([]);
        for (const editor of editors) settle(editor);
        expect(editors.flatMap((editor) => editor.overwritten)).toEqual([]);
        const last = editors[1] as FakeEditor;
        expect(server.stored.text).toBe(last.state.text);
      }),
      { numRuns: 200 },
    );
  });

  /** The network is back, and the user decides for their own text. */
  function settle(editor: FakeEditor): void {
    const text = editor.state.text;
    for (let turn = 0; turn < 10; turn += 1) {
      editor.work("arrives");
      editor.decide("mine");
      editor.send({ type: "save" });
    }
    editor.send({ type: "edited", text: `${editor.name} at last` });
    for (let turn = 0; turn < 10; turn += 1) {
      editor.send({ type: "save" });
      editor.work("arrives");
      editor.decide("mine");
    }
    expect(editor.state.text).toBe(`${editor.name} at last`);
    expect(text).not.toBe("");
    expect(isUnsaved(editor.state)).toBe(false);
  }
});

describe("a save", () => {
  const stored: Stored = { etag: "r1", text: "old", by: "Ann", at: "" };
  const sent = () => next(next(opened(stored), { type: "edited", text: "new" }), { type: "save" });

  it("whose answer was lost is recognised when it took place", () => {
    let state = next(sent(), { type: "failed", id: 1, trouble: { kind: "away" } });
    state = next(next(state, { type: "edited", text: "newer" }), { type: "save" });
    state = next(state, { type: "overtaken", id: 2 });
    state = next(state, { type: "read", id: 3, stored: { etag: "r2", text: "new", by: "Ann", at: "" } });
    expect(state.conflict).toBeNull();
    expect(state.request).toMatchObject({ kind: "save", text: "newer", etag: "r2" });
  });

  it("that someone else overtook waits for the user, and further saves do, too", () => {
    const theirs: Stored = { etag: "r2", text: "theirs", by: "Ben", at: "" };
    let state = next(next(sent(), { type: "overtaken", id: 1 }), { type: "read", id: 2, stored: theirs });
    expect(state.conflict).toEqual(theirs);
    expect(next(state, { type: "save" }).request).toBeNull();
    state = next(state, { type: "decided", text: state.text });
    expect(state.request).toMatchObject({ kind: "save", text: "new", etag: "r2" });
  });

  it("is not sent while another one is under way, but right after it", () => {
    let state = next(next(sent(), { type: "edited", text: "newer" }), { type: "save" });
    expect(state.request).toMatchObject({ id: 1, text: "new" });
    state = next(state, { type: "saved", id: 1, etag: "r2", by: "Ann", at: "" });
    expect(state.request).toMatchObject({ id: 2, text: "newer", etag: "r2" });
  });

  it("that would empty the flow is sent again only when the user means it", () => {
    let state = next(sent(), { type: "failed", id: 1, trouble: { kind: "empties" } });
    expect(state.request).toBeNull();
    state = next(state, { type: "save", allowEmpty: true });
    expect(state.request).toMatchObject({ allowEmpty: true });
  });

  it("takes up the text of an earlier visit, and asks where the draft has changed since", () => {
    expect(resumed(stored, "mine", "r1", "old").conflict).toBeNull();
    expect(resumed(stored, "mine", "r0", "older")).toMatchObject({ conflict: stored, seen: { text: "older" } });
    expect(isUnsaved(resumed(stored, "mine", "r1", "old"))).toBe(true);
  });
});
