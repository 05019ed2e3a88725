import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { explain } from "../../api/problems";
import { renameAsset } from "./asset-requests";
import type { Asset } from "./asset-rules";

/** Change the filename that customers see. */
export function RenameDialog({ asset, onDismiss }: { asset: Asset; onDismiss(): void }) {
  const form = useId();
  const queries = useQueryClient();
  const [filename, setFilename] = useState(asset.filename);
  const rename = useMutation({
    mutationFn: () => renameAsset(asset.name, filename.trim()),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["assets"] });
      onDismiss();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation(); // the dialog may be within another form
    if (filename.trim()) rename.mutate();
  };
  return (
    <Modal
      visible
      header="Rename the file"
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
              formAction="submit"
              form={form}
              disabled={!filename.trim() || filename.trim() === asset.filename}
              loading={rename.isPending}
              loadingText="Renaming"
            >
              Rename
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={form} onSubmit={submit}>
        <SpaceBetween size="m">
          <FormField
            label="Filename"
            description="What customers see."
            constraintText={`Its ending stays. In flows, the file is still called ${asset.name}.`}
          >
            <Input autoFocus value={filename} onChange={({ detail }) => setFilename(detail.value)} />
          </FormField>
          {rename.error && (
            <Alert type="error" header="The file was not renamed">
              {explain(rename.error)}
            </Alert>
          )}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
