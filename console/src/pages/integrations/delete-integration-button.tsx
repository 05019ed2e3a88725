import Button from "@cloudscape-design/components/button";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, unwrap } from "../../api/client";
import { explain } from "../../api/problems";
import { FormDialog } from "../../app/dialog";
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
        <FormDialog
          title={`Delete ${name}?`}
          onClose={() => setOpen(false)}
          action="Delete"
          busy={busy}
          busyText="Deleting"
          failure={failure}
          onSubmit={() => void remove()}
        >
          Its versions stay for 30 days, so that sessions can end. An integration that a live flow calls is not deleted.
        </FormDialog>
      ) : null}
    </>
  );
}
