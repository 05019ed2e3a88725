import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Answer, fakeApi, showPage } from "../../testing/fake-api";
import { FlowsPage } from "./flows-page";

const report = {
  name: "damage-report",
  title: "Report damage",
  version: 4,
  published_at: "2026-11-20T09:12:00Z",
  by: "",
  note: "",
  master: "deploy",
  draft: null,
};
const flows = {
  "GET /flows": () => ({ items: [report], next: null }),
  "GET /flows/damage-report": () => ({ ...report, changed: false, running: 2 }),
};

test("a new flow is a draft that did not exist before, and opens in the editor", async () => {
  let sent = "";
  fakeApi("editor", {
    "GET /flows": () => ({ items: [], next: null }),
    "PUT /flows/my-first/draft": (request) => {
      sent = `${request.headers.get("If-None-Match")} ${request.headers.get("Content-Type")}`;
      return { revision: 1 };
    },
  });
  const router = showPage(<FlowsPage />);
  await screen.findByText("There are no flows yet");
  await userEvent.click(screen.getAllByRole("button", { name: "Create a flow" })[0] as HTMLElement);
  await userEvent.type(await screen.findByRole("textbox", { name: "Title" }), "My first");
  await userEvent.click(screen.getByRole("button", { name: "Create" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/flows/my-first"));
  expect(sent).toBe("* application/yaml");
});

test("a flow in which conversations are is not deleted, and the page says so", async () => {
  fakeApi("editor", {
    ...flows,
    "DELETE /flows/damage-report": () =>
      new Answer(409, { type: "urn:chatflow:problem:flow-in-use", detail: "2 sessions run", running: 2 }),
  });
  showPage(<FlowsPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Actions for Report damage" }));
  await userEvent.click(screen.getByRole("menuitem", { name: "Delete" }));
  const dialog = await screen.findByRole("dialog", { name: /Delete/ });
  await within(dialog).findByText("2 conversations are in this flow now.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete" }));
  await within(dialog).findByText("The flow was not deleted");
  expect(within(dialog).queryByRole("checkbox")).toBeNull();
});

test("a viewer may export a flow, and nothing else", async () => {
  fakeApi("viewer", flows);
  showPage(<FlowsPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Actions for Report damage" }));
  expect(screen.getAllByRole("menuitem").map((item) => item.textContent)).toEqual(["Export"]);
  expect(screen.queryByRole("button", { name: "Create a flow" })).toBeNull();
});
