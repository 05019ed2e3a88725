import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, explain } from "../../api/problems";
import { useRole } from "../../app/context";
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
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["assets"] });
      onDismiss();
    },
  });
  const refused = remove.error instanceof ApiProblem && remove.error.kind === "asset-in-use";
  const usedBy = refused ? (((remove.error as ApiProblem).extra.used_by ?? []) as UsedBy) : (usage.data ?? []);
  const used = usedBy.length > 0;
  return (
    <Modal
      visible
      header={`Delete ${asset.filename}?`}
      closeAriaLabel="Close"
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onDismiss}>
              Cancel
            </Button>
            <Button
              variant="primary"
              disabled={usage.isPending || (used && !sure)}
              loading={remove.isPending}
              loadingText="Deleting"
              onClick={() => remove.mutate()}
            >
              Delete
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
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
        {remove.error && !refused && (
          <Alert type="error" header="The file was not deleted">
            {explain(remove.error)}
          </Alert>
        )}
      </SpaceBetween>
    </Modal>
  );
}
