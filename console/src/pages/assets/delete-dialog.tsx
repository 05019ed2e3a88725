import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { FormDialog } from "../../app/dialog";
import { deleteAsset, useUsage } from "./asset-requests";
import type { Asset } from "./asset-rules";
import { FlowsAndNodes } from "./where-used";

type UsedBy = { flow: string; nodes?: string[] }[];

/** Delete an asset. One that live flows send is protected: only an administrator may delete it nevertheless. */
export function DeleteDialog({ asset, onDismiss }: { asset: Asset; onDismiss(): void }) {
  const admin = useRole("admin");
  const queries = useQueryClient();
  const usage = useUsage(asset.name);
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteAsset(asset.name, { force: sure }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["assets"] });
      onDismiss();
    },
  });
  const refused = remove.error instanceof ApiProblem && remove.error.kind === "asset-in-use";
  const usedBy = refused ? (((remove.error as ApiProblem).extra.used_by ?? []) as UsedBy) : (usage.data ?? []);
  const used = usedBy.length > 0;
  return (
    <FormDialog
      title={`Delete ${asset.filename}?`}
      onClose={onDismiss}
      action="Delete"
      busy={remove.isPending}
      busyText="Deleting"
      disabled={usage.isPending || (used && !sure)}
      failure={remove.error && !refused && explain(remove.error)}
      failureTitle="The file was not deleted"
      onSubmit={remove.mutate}
    >
      {used ? (
        <Alert type="warning" header="Live flows send this file">
          <FlowsAndNodes usedBy={usedBy} />
          {admin
            ? "If it is deleted, these nodes cannot send anything: their conversations go on at the exit failed."
            : "Take it out of these flows first, or ask an administrator."}
        </Alert>
      ) : (
        <Box>
          {asset.state === "rejected"
            ? "It was refused; deleting it takes it off the list."
            : "No live flow sends this file. Drafts that name it will have a problem."}
        </Box>
      )}
      {used && admin && (
        <Checkbox checked={sure} onChange={({ detail }) => setSure(detail.checked)}>
          Delete it although flows send it
        </Checkbox>
      )}
    </FormDialog>
  );
}
