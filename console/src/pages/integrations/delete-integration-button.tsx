import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, unwrap } from "../../api/client";
import { explain } from "../../api/problems";
import { forgetUnpublished } from "./unpublished";

/** Deletes an integration that no live flow calls. */
export function DeleteIntegrationButton({ name, etag }: { name: string; etag: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");

  async function remove() {
    setBusy(true);
    try {
      const params = { path: { integration: name }, header: { "If-Match": etag } };
      await unwrap(api().DELETE("/integrations/{integration}", { params }));
      forgetUnpublished(name);
      await queries.invalidateQueries({ queryKey: ["integrations"] });
      navigate("/integrations");
    } catch (error) {
      setFailure(explain(error));
      setBusy(false);
    }
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>Delete</Button>
      {open ? (
        <Modal
          visible
          header={`Delete ${name}?`}
          closeAriaLabel="Close"
          onDismiss={() => setOpen(false)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setOpen(false)}>
                  Cancel
                </Button>
                <Button variant="primary" loading={busy} onClick={() => void remove()}>
                  Delete
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            <Box>
              Its versions stay for 30 days, so that sessions can end. An integration that a live flow calls is not
              deleted.
            </Box>
            {failure ? <Alert type="error">{failure}</Alert> : null}
          </SpaceBetween>
        </Modal>
      ) : null}
    </>
  );
}
