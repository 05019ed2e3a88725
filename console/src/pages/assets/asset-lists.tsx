import Box from "@cloudscape-design/components/box";
import Cards from "@cloudscape-design/components/cards";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import { moment } from "../../app/times";
import { type AssetAction, AssetActions } from "./asset-actions";
import { AssetPicture } from "./asset-picture";
import { type Asset, kindWords, sizeWords } from "./asset-rules";
import { AssetState } from "./asset-state";
import { WhereUsed } from "./where-used";

interface Props {
  assets: readonly Asset[];
  loading: boolean;
  mayEdit: boolean;
  empty: ReactNode;
  onAction(action: AssetAction, asset: Asset): void;
}

export function AssetGrid({ assets, loading, empty, ...actions }: Props) {
  return (
    <Cards<Asset>
      items={assets}
      trackBy="name"
      loading={loading}
      loadingText="Loading the library"
      empty={empty}
      ariaLabels={{ itemSelectionLabel: () => "", selectionGroupLabel: "", cardsLabel: "Files" }}
      cardsPerRow={[
        { cards: 1 },
        { minWidth: 500, cards: 2 },
        { minWidth: 800, cards: 3 },
        { minWidth: 1100, cards: 4 },
      ]}
      cardDefinition={{
        header: (asset) => (
          <div className="asset-title">
            <span className="file-name">{asset.filename}</span>
            <AssetActions asset={asset} {...actions} />
          </div>
        ),
        sections: [
          { content: (asset) => <AssetPicture asset={asset} size="large" /> },
          {
            content: (asset) => (
              <SpaceBetween size="xs">
                <AssetState asset={asset} />
                <Box variant="small">{about(asset)}</Box>
              </SpaceBetween>
            ),
          },
          { header: "Used", content: (asset) => <WhereUsed name={asset.name} /> },
        ],
      }}
    />
  );
}

export function AssetTable({ assets, loading, empty, ...actions }: Props) {
  return (
    <Table<Asset>
      items={assets}
      trackBy="name"
      loading={loading}
      loadingText="Loading the library"
      empty={empty}
      wrapLines
      ariaLabels={{ tableLabel: "Files" }}
      columnDefinitions={[
        {
          id: "file",
          header: "File",
          isRowHeader: true,
          minWidth: 220,
          cell: (asset) => (
            <div className="asset-row">
              <AssetPicture asset={asset} size="small" />
              <span className="file-name">{asset.filename}</span>
            </div>
          ),
        },
        {
          id: "name",
          header: "Name in flows",
          minWidth: 150,
          cell: (asset) => <span className="file-name">{asset.name}</span>,
        },
        { id: "kind", header: "Kind", cell: (asset) => kindWords(asset.kind) },
        { id: "size", header: "Size", minWidth: 95, cell: (asset) => sizeWords(asset.size) },
        { id: "state", header: "State", minWidth: 190, cell: (asset) => <AssetState asset={asset} /> },
        { id: "used", header: "Used", minWidth: 140, cell: (asset) => <WhereUsed name={asset.name} /> },
        { id: "changed", header: "Changed", minWidth: 140, cell: (asset) => moment(asset.updated_at) },
        {
          id: "actions",
          header: <span className="only-spoken">Actions</span>,
          cell: (asset) => <AssetActions asset={asset} {...actions} />,
        },
      ]}
    />
  );
}

function about(asset: Asset): string {
  const by = asset.by === "S3" ? "from the bucket" : asset.by ? `by ${asset.by}` : "by a deploy";
  return [kindWords(asset.kind), sizeWords(asset.size), `${moment(asset.updated_at)} ${by}`].filter(Boolean).join(", ");
}
