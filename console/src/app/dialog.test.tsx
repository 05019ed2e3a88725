import Input from "@cloudscape-design/components/input";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { FormDialog } from "./dialog";

interface Given {
  disabled?: boolean;
  busy?: boolean;
  failure?: string;
}

/** A dialog that asks for a name, on top of a form that must not be sent with it. */
function show(given: Given = {}) {
  const [onSubmit, onClose, onOuterSubmit] = [vi.fn(), vi.fn(), vi.fn()];
  function Asking() {
    const [name, setName] = useState("");
    return (
      <form onSubmit={onOuterSubmit}>
        <FormDialog title="Rename" action="Rename" failureTitle="Not renamed" {...{ ...given, onSubmit, onClose }}>
          <Input value={name} ariaLabel="Name" onChange={({ detail }) => setName(detail.value)} />
        </FormDialog>
      </form>
    );
  }
  render(<Asking />);
  return { onSubmit, onClose, onOuterSubmit };
}

test("A dialog opens with the focus in its field, and Enter there carries it out", async () => {
  const { onSubmit, onOuterSubmit } = show();
  const field = screen.getByRole("textbox", { name: "Name" });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await userEvent.keyboard("photo{Enter}");
  expect(onSubmit).toHaveBeenCalledOnce();
  expect(onOuterSubmit).not.toHaveBeenCalled();
});

test.each<[string, Given]>([
  ["something is missing", { disabled: true }],
  ["it is under way", { busy: true }],
])("Nothing is carried out while %s", async (_, given) => {
  const { onSubmit } = show(given);
  await userEvent.type(screen.getByRole("textbox", { name: "Name" }), "photo{Enter}");
  await userEvent.click(screen.getByRole("button", { name: "Rename" }));
  expect(onSubmit).not.toHaveBeenCalled();
});

test("A failure is shown, and the dialog can be left", async () => {
  const { onClose } = show({ failure: "Another file has this name." });
  expect(screen.getByText("Not renamed")).toBeTruthy();
  expect(screen.getByText("Another file has this name.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(onClose).toHaveBeenCalledOnce();
});
