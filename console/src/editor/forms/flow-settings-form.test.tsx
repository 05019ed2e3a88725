import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { FlowSettingsForm } from "./flow-settings-form";
import { showForm } from "./testing/form-harness";

const FLOW = `flow: photo
title: Photo   # what people read
start: hello
session: {timeout: 10m}
nodes:
  hello: {type: text, text: Hello}
  bye: {type: text, text: Bye}
`;

const finding = { file: "", line: 1, flow: "photo", node: "", code: "", subject: "" };

describe("the form of the flow itself", () => {
  it("writes its title in its line, and nothing else", async () => {
    const { now } = showForm(FLOW, <FlowSettingsForm />);
    const title = screen.getByRole("textbox", { name: /^Title/ });
    await userEvent.clear(title);
    await userEvent.type(title, "Damage{Tab}");
    await waitFor(() => expect(now().text).toBe(FLOW.replace("title: Photo", "title: Damage")));
  });

  it("chooses the first node among those of the flow", async () => {
    const { now } = showForm(FLOW, <FlowSettingsForm />);
    await userEvent.click(screen.getByRole("button", { name: /First node/ }));
    await userEvent.click(await screen.findByRole("option", { name: /^bye/ }));
    expect(now().text).toBe(FLOW.replace("start: hello", "start: bye"));
  });

  it("shows a problem at its field by the field's label, and one without a field on top", () => {
    showForm(FLOW, <FlowSettingsForm />, {
      findings: {
        problems: [
          { ...finding, field: "retention_days", message: '"retention_days" is too large.' },
          { ...finding, field: "", message: "There are too many nodes." },
        ],
      },
    });
    expect(screen.getByText("“Days to keep data” is too large.")).toBeTruthy();
    expect(screen.getByText("There are too many nodes.")).toBeTruthy();
  });

  it("changes nothing for a viewer", () => {
    showForm(FLOW, <FlowSettingsForm />, { mayEdit: false });
    const title = screen.getByRole<HTMLInputElement>("textbox", { name: /^Title/ });
    expect(title.readOnly).toBe(true);
    expect(screen.queryByRole("button", { name: /^Add/ })).toBeNull();
  });
});
