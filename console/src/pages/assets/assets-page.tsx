import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { PAGE_WORDS, pageOf } from "../paging";
import { AddFileDialog } from "./add-file-dialog";
import type { AssetAction } from "./asset-actions";
import { AssetFilter, NO_FILTER } from "./asset-filter";
import { AssetGrid, AssetTable } from "./asset-lists";
import { useAssets } from "./asset-requests";
import { type Asset, inOrder, isFound, type Order } from "./asset-rules";
import { DeleteDialog } from "./delete-dialog";
import { RenameDialog } from "./rename-dialog";
import { VersionsDialog } from "./versions-dialog";

const A_PAGE = 12;
const ORDERS = [
  { value: "name", label: "By name" },
  { value: "newest", label: "Newest first" },
  { value: "largest", label: "Largest first" },
];

/** The library of the files that flows send. */
export function AssetsPage() {
  const mayEdit = useRole("editor");
  const assets = useAssets();
  const [filter, setFilter] = useState(NO_FILTER);
  const [order, setOrder] = useState<Order>("name");
  const [view, setView] = useState<"grid" | "list">("grid");
  const [page, setPage] = useState(1);
  const [dialog, setDialog] = useState<{ action: AssetAction | "add"; asset?: Asset } | null>(null);

  const all = assets.data ?? [];
  const found = inOrder(
    all.filter((asset) => isFound(asset, filter)),
    order,
  );
  const { shown, pages, current } = pageOf(found, page, A_PAGE);
  const add = (
    <Button variant="primary" iconName="add-plus" onClick={() => setDialog({ action: "add" })}>
      Add file
    </Button>
  );
  const List = view === "grid" ? AssetGrid : AssetTable;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        counter={assets.data ? `(${all.length})` : undefined}
        description="The files that flows send: leaflets, price lists, films."
        actions={mayEdit && add}
      >
        Assets
      </Header>
      {assets.error && (
        <Alert
          type="error"
          header="The library cannot be shown"
          action={<Button onClick={() => void assets.refetch()}>Try again</Button>}
        >
          {explain(assets.error)}
        </Alert>
      )}
      <div className="asset-tools">
        <AssetFilter
          filter={filter}
          withState
          found={assets.data ? found.length : null}
          onChange={(next) => {
            setFilter(next);
            setPage(1);
          }}
        />
        <Select
          options={ORDERS}
          selectedOption={ORDERS.find(({ value }) => value === order) ?? null}
          ariaLabel="Order"
          onChange={({ detail }) => setOrder(detail.selectedOption.value as Order)}
        />
        <SegmentedControl
          selectedId={view}
          label="Show as"
          options={[
            { id: "grid", text: "Grid" },
            { id: "list", text: "List" },
          ]}
          onChange={({ detail }) => setView(detail.selectedId as "grid" | "list")}
        />
      </div>
      {!assets.error && (
        <List
          assets={shown}
          loading={assets.isPending}
          mayEdit={mayEdit}
          onAction={(action, asset) => setDialog({ action, asset })}
          empty={<Empty any={all.length > 0} onClear={() => setFilter(NO_FILTER)} add={mayEdit ? add : null} />}
        />
      )}
      {pages > 1 && (
        <Pagination
          currentPageIndex={current}
          pagesCount={pages}
          ariaLabels={PAGE_WORDS}
          onChange={({ detail }) => setPage(detail.currentPageIndex)}
        />
      )}
      {dialog && <Dialog {...dialog} onDismiss={() => setDialog(null)} />}
    </SpaceBetween>
  );
}

function Dialog({ action, asset, onDismiss }: { action: AssetAction | "add"; asset?: Asset; onDismiss(): void }) {
  if (!asset) return <AddFileDialog onDismiss={onDismiss} />;
  if (action === "replace") return <AddFileDialog replaces={asset} onDismiss={onDismiss} />;
  if (action === "rename") return <RenameDialog asset={asset} onDismiss={onDismiss} />;
  if (action === "versions") return <VersionsDialog asset={asset} onDismiss={onDismiss} />;
  return <DeleteDialog asset={asset} onDismiss={onDismiss} />;
}

function Empty({ any, onClear, add }: { any: boolean; onClear(): void; add: ReactNode }) {
  return (
    <Box textAlign="center" padding="xl">
      <SpaceBetween size="m" alignItems="center">
        <Box color="text-body-secondary">
          {any ? "No file fits." : "There are no files yet. What you add here can be sent by every flow."}
        </Box>
        {any ? <Button onClick={onClear}>Show all files</Button> : add}
      </SpaceBetween>
    </Box>
  );
}
