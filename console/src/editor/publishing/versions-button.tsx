import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import { useState } from "react";
import { VersionsPanel } from "./versions-panel";

/** Opens the list of versions. */
export function VersionsButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Versions</Button>
      {open && (
        <Modal visible header="Versions" closeAriaLabel="Close" onDismiss={() => setOpen(false)}>
          <VersionsPanel />
        </Modal>
      )}
    </>
  );
}
