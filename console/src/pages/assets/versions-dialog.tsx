import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Table from "@cloudscape-design/components/table";
import { explain } from "../../api/problems";
import { Dialog } from "../../app/dialog";
import { moment } from "../../app/times";
import { useVersions } from "./asset-requests";
import { type Asset, type AssetVersion, sizeWords } from "./asset-rules";

/** The contents and filenames that an asset had, the newest first. */
export function VersionsDialog({ asset, onDismiss }: { asset: Asset; onDismiss(): void }) {
  const versions = useVersions(asset.name);
  return (
    <Dialog
      size="large"
      title={`Versions of ${asset.filename}`}
      onClose={onDismiss}
      buttons={<Button onClick={onDismiss}>Close</Button>}
    >
      {versions.error ? (
        <Alert type="error">{explain(versions.error)}</Alert>
      ) : (
        <Table<AssetVersion>
          variant="embedded"
          items={versions.data ?? []}
          trackBy={(each) => String(each.version)}
          loading={versions.isPending}
          loadingText="Loading the versions"
          ariaLabels={{ tableLabel: `Versions of ${asset.filename}` }}
          empty="It has no version yet."
          columnDefinitions={[
            {
              id: "version",
              header: "Version",
              isRowHeader: true,
              cell: (each) => `${each.version}${each.live ? " (live)" : ""}`,
            },
            {
              id: "filename",
              header: "Filename",
              cell: (each) => <span className="file-name">{each.filename}</span>,
            },
            { id: "size", header: "Size", cell: (each) => sizeWords(each.size) },
            { id: "when", header: "Since", cell: (each) => moment(each.published_at) },
            { id: "by", header: "By", cell: (each) => each.by || "a deploy" },
          ]}
        />
      )}
    </Dialog>
  );
}
