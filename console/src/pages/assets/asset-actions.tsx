import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import type { Asset } from "./asset-rules";

export type AssetAction = "rename" | "replace" | "versions" | "delete";

interface Props {
  asset: Asset;
  mayEdit: boolean;
  onAction(action: AssetAction, asset: Asset): void;
}

/** What can be done with one asset. */
export function AssetActions({ asset, mayEdit, onAction }: Props) {
  const live = asset.state === "ready";
  return (
    <ButtonDropdown
      variant="icon"
      expandToViewport
      ariaLabel={`Actions for ${asset.filename}`}
      items={[
        ...(asset.download_url
          ? [{ id: "download", text: "Download", href: asset.download_url, external: true, externalIconAriaLabel: "" }]
          : []),
        ...(live ? [{ id: "versions", text: "Versions" }] : []),
        ...(mayEdit && live ? [{ id: "rename", text: "Rename" }] : []),
        ...(mayEdit && live ? [{ id: "replace", text: "Replace the file" }] : []),
        ...(mayEdit ? [{ id: "delete", text: "Delete" }] : []),
      ]}
      onItemClick={({ detail }) => {
        if (detail.id !== "download") onAction(detail.id as AssetAction, asset);
      }}
    />
  );
}
