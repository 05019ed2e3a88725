import { act, fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { NodeForm } from "./node-form";
import { showForm } from "./testing/form-harness";

const FLOW = `chatflow: 1
flow: photo
title: Take a photo
start: ask
nodes:
  ask:
    type: media
    direction: inbound
    prompt: "A photo, please."   # said first
    accept: [image]
    save_as: photo
    exits: {received: choose, gave_up: bye}
  choose:
    type: menu
    prompt: "What is it?"
    options:
      - {id: car, title: A car, then: bye}
      - {id: van, title: A van, then: ask}
  upload: {type: api_integration, integration: photo-upload, exits: {success: end, failure: end}}
  bye: {type: text, say: "Bye.", then: end}
`;
const VARIABLES = {
  bye: [
    { name: "photo", type: "file" },
    { name: "plate", type: "text" },
  ],
  upload: [{ name: "photo", type: "file" }],
} as never;

describe("the form of a node", () => {
  let user: ReturnType<typeof userEvent.setup>;
  beforeEach(() => {
    user = userEvent.setup();
  });

  it("writes a text into the flow when the field is left, and nothing else", async () => {
    const { now } = showForm(FLOW, <NodeForm node="bye" />);
    const say = screen.getByRole("textbox", { name: "Say" });
    await user.clear(say);
    await user.type(say, "Good bye.");
    await user.tab();
    expect(now().text).toBe(FLOW.replace('"Bye."', '"Good bye."'));
    act(() => now().undo());
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Say" }).value).toBe("Bye.");
  });

  it("keeps what is being written when the form is closed", async () => {
    const { now } = showForm(FLOW, <Closable node="bye" />);
    await user.type(screen.getByRole("textbox", { name: "Say" }), " Soon.");
    await act(() => Promise.resolve(closeForm()));
    expect(now().text).toContain('say: "Bye. Soon."');
  });

  it("shows what is wrong at the field, and the rest on top", () => {
    const finding = (field: string, message: string) => ({
      file: "",
      line: 1,
      flow: "photo",
      node: "choose",
      field,
      message,
      code: "",
      subject: "",
    });
    showForm(FLOW, <NodeForm node="choose" />, {
      findings: { problems: [finding("options[1].title", "Too long."), finding("", "Nothing leads here.")] },
    });
    const second = screen.getByRole("group", { name: "Option 2" });
    expect(within(second).getByText("Too long.")).toBeTruthy();
    expect(screen.getAllByText("Too long.")).toHaveLength(1);
    expect(screen.getByText("Nothing leads here.")).toBeTruthy();
  });

  it("offers what is set before when [[ is written, and inserts it at the cursor", async () => {
    const { now } = showForm(FLOW, <NodeForm node="bye" />, { findings: { variables: VARIABLES } });
    const say = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Say" });
    await user.click(say);
    say.setSelectionRange(0, 0);
    await user.type(say, "[[[[pl", { initialSelectionStart: 0, initialSelectionEnd: 0 });
    const offers = screen.getAllByRole("option").map((option) => option.textContent);
    expect(offers[0]).toContain("plate");
    await user.keyboard("{Enter}");
    await user.tab();
    expect(now().text).toContain('say: "[[plate]]Bye."');
  });

  it("offers only what is set before, and where it is set", async () => {
    showForm(FLOW, <NodeForm node="bye" />, { findings: { variables: VARIABLES } });
    await user.click(screen.getByRole("button", { name: "Insert a variable: Say" }));
    const group = screen.getByRole("group", { name: "Set before this node" });
    expect(
      within(group)
        .getAllByRole("option")
        .map((each) => each.textContent),
    ).toEqual(["photofile · Set by ask", "platetext · Set before"]);
  });

  it("adds, moves and removes options", async () => {
    const { now } = showForm(FLOW, <NodeForm node="choose" />);
    await user.click(screen.getByRole("button", { name: "Move Option 2 up" }));
    expect(now().shown?.nodes[1]?.fields.options).toMatchObject([{ id: "van" }, { id: "car" }]);
    await user.click(screen.getByRole("button", { name: "Add option" }));
    expect(now().shown?.nodes[1]?.fields.options).toMatchObject([{}, {}, { id: "option_3", title: "" }]);
    await user.click(screen.getByRole("button", { name: "Remove Option 1" }));
    expect(now().shown?.nodes[1]?.fields.options).toMatchObject([{ id: "car" }, { id: "option_3" }]);
  });

  it("asks before a variant drops something, keeps the rest, and is one step to undo", async () => {
    const { now } = showForm(FLOW, <NodeForm node="ask" />);
    await user.click(screen.getByRole("radio", { name: "Send a file" }));
    const dialog = screen.getByRole("dialog", { name: /Change to/ });
    expect(
      within(dialog)
        .getAllByRole("listitem")
        .map((each) => each.textContent),
    ).toContain("Prompt");
    expect(now().text).toBe(FLOW);
    await user.click(within(dialog).getByRole("button", { name: "Change" }));
    const node = now().shown?.nodes[0];
    expect(node?.fields).toMatchObject({ direction: "outbound" });
    expect(node?.fields).not.toHaveProperty("prompt");
    expect(node?.exits).toEqual({ sent: { kind: "node", node: "choose" } });
    act(() => now().undo());
    expect(now().text).toBe(FLOW);
  });

  it("renames a node with all that leads to it", async () => {
    const { now } = showForm(FLOW, <NodeForm node="bye" />);
    const name = screen.getByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "good_bye{Enter}");
    expect(now().text).toBe(FLOW.replaceAll("bye:", "good_bye:").replaceAll(": bye", ": good_bye"));
    expect(now().selection).toEqual(["good_bye"]);
  });

  it("says what leads to the node", () => {
    showForm(FLOW, <NodeForm node="bye" />);
    expect(screen.getByText(/Reached from/).textContent).toContain("ask (No file that fits), choose (A car)");
  });

  it("has a field for each parameter of the integration, and files for a file", async () => {
    showForm(FLOW, <NodeForm node="upload" />, {
      findings: { variables: VARIABLES },
      answers: {
        "/integrations/photo-upload": {
          request: {
            parts: [
              { name: "f", file: "[[file]]" },
              { name: "p", value: "[[plate]]" },
            ],
          },
        },
      },
    });
    expect(await screen.findByRole("textbox", { name: /plate/ })).toBeTruthy();
    fireEvent.keyDown(screen.getByRole("button", { name: /^file/ }), { keyCode: 40 });
    expect(await screen.findByRole("option", { name: /photo/ })).toBeTruthy();
  });

  it("says of a pattern which sample answers fit", async () => {
    showForm(
      "flow: x\nnodes:\n  a: {type: input, prompt: p, save_as: s, pattern: '[A-Z]{2}'}\n",
      <NodeForm node="a" />,
    );
    await user.type(screen.getByRole("textbox", { name: /Try it/ }), "AB{Enter}ABC");
    expect(screen.getByRole("status", { name: "Which answers fit" }).textContent).toMatch(
      /AB: fits.*ABC: does not fit/,
    );
  });

  it("lets viewers look, and change nothing", () => {
    showForm(FLOW, <NodeForm node="choose" />, { mayEdit: false });
    expect(screen.queryByRole("button", { name: /Add|Remove|Delete|Insert/ })).toBeNull();
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Prompt" }).readOnly).toBe(true);
  });

  it("shows a node of a type that it does not know", () => {
    showForm("flow: x\nnodes:\n  a: {type: hologram, glow: [1, {b: 2}], exits: {done: end}}\n", <NodeForm node="a" />);
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: /Glow/ }).value).toContain("b: 2");
  });
});

let closeForm = () => {};
function Closable({ node }: { node: string }) {
  const [open, setOpen] = useState(true);
  closeForm = () => setOpen(false);
  return open ? <NodeForm node={node} /> : null;
}
