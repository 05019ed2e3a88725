import Box from "@cloudscape-design/components/box";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useRef, useState } from "react";
import { ApiProblem, explain } from "../../api/problems";
import { AddFileDialog } from "./add-file-dialog";
import { AssetPicture } from "./asset-picture";
import { useAsset } from "./asset-requests";
import { type Kind, kindWords, sizeWords, wantedKinds } from "./asset-rules";
import { AssetState } from "./asset-state";

interface Props {
  /** The name of the asset; null or "" for none. */
  value: string | null;
  onChange(name: string | null): void;
  kinds?: readonly Kind[];
  readOnly?: boolean;
}

/** A field for an asset: shows which one is chosen, and opens the dialog to choose another one. */
export function AssetPicker({ value, onChange, kinds, readOnly = false }: Props) {
  const [open, setOpen] = useState(false);
  const choose = useRef<ButtonProps.Ref>(null);
  return (
    <SpaceBetween size="xs">
      {value ? (
        <ChosenAsset name={value} kinds={kinds} />
      ) : (
        <Box color="text-body-secondary">{readOnly ? "No file" : "No file is chosen yet"}</Box>
      )}
      {!readOnly && (
        <SpaceBetween size="xs" direction="horizontal">
          {/* One button for both: it has the focus again when the dialog is closed. */}
          <Button
            ref={choose}
            iconName={value ? undefined : "add-plus"}
            ariaLabel={value ? `Change the file ${value}` : undefined}
            onClick={() => setOpen(true)}
          >
            {value ? "Change" : "Add file"}
          </Button>
          {value && (
            <Button
              ariaLabel={`Remove the file ${value}`}
              onClick={() => {
                choose.current?.focus();
                onChange(null);
              }}
            >
              Remove
            </Button>
          )}
        </SpaceBetween>
      )}
      {open && (
        <AddFileDialog
          kinds={kinds}
          onDismiss={() => setOpen(false)}
          onChosen={(asset) => {
            setOpen(false);
            onChange(asset.name);
          }}
        />
      )}
    </SpaceBetween>
  );
}

function ChosenAsset({ name, kinds }: { name: string; kinds?: readonly Kind[] }) {
  const { data: asset, error, isPending } = useAsset(name);
  if (isPending) return <StatusIndicator type="loading">Loading {name}</StatusIndicator>;
  if (!asset) {
    const gone = error instanceof ApiProblem && error.status === 404;
    return (
      <StatusIndicator type={gone ? "error" : "warning"}>
        {gone
          ? `There is no file "${name}" in the library any more. Choose another one.`
          : `${name}: ${explain(error)}`}
      </StatusIndicator>
    );
  }
  const wrong = kinds && asset.kind && !kinds.includes(asset.kind);
  return (
    <div className="asset-row">
      <AssetPicture asset={asset} size="small" />
      <SpaceBetween size="xxs">
        <span className="file-name">{asset.filename}</span>
        <Box variant="small">
          {[kindWords(asset.kind), sizeWords(asset.size)].filter(Boolean).join(", ")}
          {asset.name !== asset.filename && `, in flows: ${asset.name}`}
        </Box>
        {(asset.state !== "ready" || asset.upload) && <AssetState asset={asset} />}
        {wrong && <StatusIndicator type="error">Here, {wantedKinds(kinds)} is needed.</StatusIndicator>}
      </SpaceBetween>
    </div>
  );
}
