import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Asset } from "./asset-rules";

/** Whether flows can send an asset, and what becomes of a file that is to replace it. */
export function AssetState({ asset }: { asset: Asset }) {
  const replacement = asset.state === "ready" ? asset.upload : null;
  return (
    <SpaceBetween size="xxs">
      {asset.state === "ready" && <StatusIndicator type="success">Ready</StatusIndicator>}
      {asset.state === "uploading" && <StatusIndicator type="in-progress">Being uploaded and checked</StatusIndicator>}
      {asset.state === "rejected" && <StatusIndicator type="error">Refused: {asset.reason}</StatusIndicator>}
      {replacement?.state === "uploading" && (
        <StatusIndicator type="in-progress">Its replacement is being checked</StatusIndicator>
      )}
      {replacement?.state === "rejected" && (
        <StatusIndicator type="warning">Its replacement was refused: {replacement.reason}</StatusIndicator>
      )}
    </SpaceBetween>
  );
}
