import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Answer, fakeApi, showPage } from "../../testing/fake-api";
import { AssetPicker } from "./asset-picker";
import type { Asset } from "./asset-rules";
import { AssetsPage } from "./assets-page";

const leaflet = {
  name: "leaflet.pdf",
  filename: "<b>Leaflet</b>.pdf",
  state: "ready",
  reason: "",
  kind: "document",
  size: 9000,
  by: "eva@example.com",
  updated_at: "2026-11-20T09:12:00Z",
  upload: null,
} as Asset;
const used = [{ flow: "damage-report", nodes: ["send_leaflet"] }];
const library = {
  "GET /assets": () => ({ items: [leaflet], next: null }),
  "GET /assets/leaflet.pdf": () => leaflet,
  "GET /assets/leaflet.pdf/usage": () => ({ used_by: used }),
};

async function openMenu() {
  await userEvent.click(await screen.findByRole("button", { name: "Actions for <b>Leaflet</b>.pdf" }));
}

test("an editor cannot delete a file that a live flow sends, and sees which one", async () => {
  const asked = fakeApi("editor", library);
  showPage(<AssetsPage />);
  await openMenu();
  await userEvent.click(screen.getByRole("menuitem", { name: "Delete" }));
  const dialog = await screen.findByRole("dialog", { name: /Delete/ });
  await within(dialog).findByText("Live flows send this file");
  expect(within(dialog).getByRole("link", { name: "damage-report" })).toBeTruthy();
  expect(within(dialog).queryByRole("checkbox")).toBeNull();
  expect((within(dialog).getByRole("button", { name: "Delete" }) as HTMLButtonElement).disabled).toBe(true);
  expect(asked).not.toContain("DELETE /assets/leaflet.pdf");
});

test("an administrator may delete it nevertheless, with the revision that was read", async () => {
  let sent = "";
  fakeApi("admin", {
    ...library,
    "DELETE /assets/leaflet.pdf": (request) => {
      sent = `${new URL(request.url).search} ${request.headers.get("If-Match")}`;
      return new Answer(204, null);
    },
  });
  showPage(<AssetsPage />);
  await openMenu();
  await userEvent.click(screen.getByRole("menuitem", { name: "Delete" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: /although flows send it/ }));
  const dialog = screen.getByRole("dialog", { name: /Delete/ });
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(sent).toBe('?force=true "r3"'));
});

test("a viewer is offered nothing that changes the library", async () => {
  fakeApi("viewer", library);
  showPage(<AssetsPage />);
  await openMenu();
  expect(screen.getByRole("menuitem", { name: "Versions" })).toBeTruthy();
  expect(screen.queryByRole("menuitem", { name: "Delete" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Add file" })).toBeNull();
});

test("a field says that its file is not in the library any more", async () => {
  fakeApi("editor", {});
  showPage(<AssetPicker value="gone.pdf" onChange={() => undefined} />);
  await screen.findByText(/There is no file "gone.pdf" in the library any more/);
  expect(screen.getByRole("button", { name: "Remove the file gone.pdf" })).toBeTruthy();
});

test("a file of the library is chosen for a field", async () => {
  let chosen: string | null = null;
  fakeApi("editor", library);
  showPage(<AssetPicker value={null} kinds={["document"]} onChange={(name) => (chosen = name)} />);
  await userEvent.click(screen.getByRole("button", { name: "Add file" }));
  await userEvent.click(await screen.findByRole("tab", { name: "Library" }));
  await userEvent.click(await screen.findByRole("radio", { name: /Leaflet/ }));
  await userEvent.click(screen.getByRole("button", { name: /^Use/ }));
  expect(chosen).toBe("leaflet.pdf");
});
