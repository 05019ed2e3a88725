import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { AppProvider, type Role } from "../../app/context";
import { Answer, fakeApi, showPage } from "../../testing/fake-api";
import { EditorProvider } from "../editor-provider";
import { useEditor } from "../editor-state";
import { DraftProvider, useDraft } from "./draft-provider";
import type { Stored } from "./draft-state";
import { SaveState } from "./save-state";
import { keepCopy, storedCopy } from "./unsaved-copy";

const EVA = "eva@example.com"; // the user of the fake API
const text = (say: string, bye = "Bye") =>
  `flow: hello\nstart: a\nnodes:\n  a:\n    type: text\n    say: ${say}\n  b:\n    type: text\n    say: ${bye}\n`;
const STORED: Stored = { etag: '"r3"', text: text("Old"), by: "ben@example.com", at: "2026-11-20T09:12:00Z" };
const SAVED = { revision: 3, by: EVA, updated_at: "2026-11-20T10:00:00Z" };
const VALID = { problems: [], warnings: [], variables: {} };

afterEach(() => localStorage.clear());

/** The editor of a draft. Saves are answered by `save`; what was sent is `sent`. */
function show({ role = "editor" as Role, save = (): unknown => SAVED, theirs = STORED } = {}) {
  const sent: string[] = [];
  let saved: Stored | null | undefined;
  fakeApi(role, {
    "POST /flows/hello/validate": () => VALID,
    "PUT /flows/hello/draft": (request) => {
      void request.text().then((body) => sent.push(`${request.headers.get("If-Match")} ${body}`));
      return save();
    },
    "GET /flows/hello": () => ({ version: null, draft: { revision: 3, by: theirs.by, updated_at: theirs.at } }),
    "GET /flows/hello/draft": () => theirs.text,
  });
  function Editor() {
    const { text, change } = useEditor();
    const draft = useDraft();
    return (
      <>
        <textarea aria-label="Text" value={text} onChange={({ target }) => change("Edit", () => target.value)} />
        <button type="button" onClick={() => void draft.saved().then((result) => (saved = result))}>
          Publish
        </button>
        <SaveState />
      </>
    );
  }
  showPage(
    <AppProvider configuration={{} as never} session={{} as never}>
      <EditorProvider name="hello" initialText={STORED.text} mayEdit={role !== "viewer"} nodeTypes={[]}>
        <DraftProvider stored={STORED}>
          <Editor />
        </DraftProvider>
      </EditorProvider>
    </AppProvider>,
  );
  return { sent, saved: () => saved };
}

const write = async (next: string) =>
  fireEvent.change(await screen.findByLabelText("Text"), { target: { value: next } });
const save = () => fireEvent.keyDown(window, { key: "s", ctrlKey: true });
const shown = () => (screen.getByLabelText("Text") as HTMLTextAreaElement).value;

it("keeps a change in the browser until it is saved", async () => {
  const { sent } = show();
  await screen.findByText("Saved");
  await write(text("New"));
  await waitFor(() => expect(storedCopy(EVA, "hello")).toMatchObject({ text: text("New"), base: STORED.text }));
  save();
  await screen.findByText("Saved");
  expect(sent).toEqual([`"r3" ${text("New")}`]);
  expect(storedCopy(EVA, "hello")).toBeNull();
});

it("asks before a change that is not saved is left", async () => {
  show();
  await screen.findByText("Saved");
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(false);
  await write(text("New"));
  await waitFor(() => expect(leave()).toBe(true));
});

it("saves nothing of somebody who may only read", async () => {
  const { sent } = show({ role: "viewer" });
  await screen.findByText("Read only");
  await write(text("New"));
  save();
  expect(sent).toEqual([]);
  expect(storedCopy(EVA, "hello")).toBeNull();
});

it("offers what was not saved in an earlier visit, to the same user alone", async () => {
  keepCopy("ann@example.com", "hello", { text: text("Of Ann"), etag: '"r3"', base: STORED.text, at: "" });
  keepCopy(EVA, "hello", { text: text("Of Eva"), etag: '"r3"', base: STORED.text, at: "" });
  const { sent } = show();
  const dialog = await screen.findByRole("dialog", { name: "Changes of yours were not saved" });
  expect(within(dialog).getByText("Of Eva")).toBeTruthy();
  await userEvent.click(within(dialog).getAllByRole("button", { name: "Go on with my changes" }).at(-1) as HTMLElement);
  expect(shown()).toBe(text("Of Eva"));
  save();
  await screen.findByText("Saved");
  expect(sent).toEqual([`"r3" ${text("Of Eva")}`]);
});

it("shows what someone else saved since an earlier visit, and takes it for theirs", async () => {
  keepCopy(EVA, "hello", { text: text("New"), etag: '"r2"', base: text("Older"), at: "" });
  show();
  await userEvent.click(
    (await screen.findAllByRole("button", { name: "Go on with my changes" })).at(-1) as HTMLElement,
  );
  const dialog = await screen.findByRole("dialog", { name: "Someone else changed this draft" });
  expect(within(dialog).getByText("changed by both: choose")).toBeTruthy();
  await userEvent.click(within(dialog).getByRole("button", { name: "Take all of theirs" }));
  expect(shown()).toBe(STORED.text);
});

it("forgets what was not saved when the user drops it", async () => {
  keepCopy(EVA, "hello", { text: text("New"), etag: '"r3"', base: STORED.text, at: "" });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Drop my changes" }));
  await waitFor(() => expect(storedCopy(EVA, "hello")).toBeNull());
  expect(shown()).toBe(STORED.text);
});

it("publishes nothing while someone else's change is not decided, and saves what was chosen", async () => {
  const theirs = { ...STORED, text: text("Old", "Bye from Ben") };
  const answers: unknown[] = [new Answer(412, { type: "urn:chatflow:problem:edit-conflict" })];
  const { sent, saved } = show({ theirs, save: () => answers.shift() ?? SAVED });
  await screen.findByText("Saved");
  await write(text("New"));
  await userEvent.click(screen.getByRole("button", { name: "Publish" }));
  const dialog = await screen.findByRole("dialog", { name: "Someone else changed this draft" });
  expect(saved()).toBeNull();
  await userEvent.click(within(dialog).getByRole("button", { name: "Save what is chosen" }));
  await screen.findByText("Saved");
  expect(sent.at(-1)).toBe(`"r3" ${text("New", "Bye from Ben")}`);
});
