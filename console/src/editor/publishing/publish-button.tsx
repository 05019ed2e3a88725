import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useRole } from "../../app/context";
import { PublishDialog } from "./publish-dialog";

/** Opens the dialog that publishes the draft. */
export function PublishButton() {
  const [open, setOpen] = useState(false);
  if (!useRole("editor")) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        Publish
      </Button>
      {open && <PublishDialog onClose={() => setOpen(false)} />}
    </>
  );
}
