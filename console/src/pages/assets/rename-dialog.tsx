import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../../api/problems";
import { FormDialog } from "../../app/dialog";
import { renameAsset } from "./asset-requests";
import type { Asset } from "./asset-rules";

/** Change the filename that customers see. */
export function RenameDialog({ asset, onDismiss }: { asset: Asset; onDismiss(): void }) {
  const queries = useQueryClient();
  const [filename, setFilename] = useState(asset.filename);
  const rename = useMutation({
    mutationFn: () => renameAsset(asset.name, wanted),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["assets"] });
      onDismiss();
    },
  });
  const wanted = filename.trim();
  return (
    <FormDialog
      title="Rename the file"
      onClose={onDismiss}
      action="Rename"
      busy={rename.isPending}
      busyText="Renaming"
      disabled={!wanted || wanted === asset.filename}
      failure={rename.error && explain(rename.error)}
      failureTitle="The file was not renamed"
      onSubmit={rename.mutate}
    >
      <FormField
        label="Filename"
        description="What customers see."
        constraintText={`Its ending stays. In flows, the file is still called ${asset.name}.`}
      >
        <Input value={filename} onChange={({ detail }) => setFilename(detail.value)} />
      </FormField>
    </FormDialog>
  );
}
