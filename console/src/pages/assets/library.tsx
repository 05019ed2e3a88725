import Box from "@cloudscape-design/components/box";
import Cards from "@cloudscape-design/components/cards";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { explain } from "../../api/problems";
import { PAGE_WORDS, pageOf } from "../paging";
import { AssetFilter, NO_FILTER } from "./asset-filter";
import { AssetPicture } from "./asset-picture";
import { useAssets } from "./asset-requests";
import { type Asset, inOrder, isFound, type Kind, kindWords, sizeWords } from "./asset-rules";
import { WhereUsed } from "./where-used";

interface Props {
  /** Only these kinds are offered; all without it. */
  kinds?: readonly Kind[];
  chosen: Asset | null;
  onChoose(asset: Asset): void;
}

const A_PAGE = 8;

/** The files that flows can send, to choose one. */
export function Library({ kinds, chosen, onChoose }: Props) {
  const assets = useAssets();
  const [filter, setFilter] = useState(NO_FILTER);
  const [page, setPage] = useState(1);
  const usable = (assets.data ?? []).filter(
    (asset) => asset.state === "ready" && (!kinds || (asset.kind && kinds.includes(asset.kind))),
  );
  const found = inOrder(
    usable.filter((asset) => isFound(asset, filter)),
    "name",
  );
  const { shown, pages, current } = pageOf(found, page, A_PAGE);
  return (
    <Cards<Asset>
      items={shown}
      trackBy="name"
      loading={assets.isPending}
      loadingText="Loading the library"
      selectionType="single"
      entireCardClickable
      selectedItems={chosen ? [chosen] : []}
      onSelectionChange={({ detail }) => detail.selectedItems[0] && onChoose(detail.selectedItems[0])}
      cardsPerRow={[{ cards: 1 }, { minWidth: 480, cards: 2 }, { minWidth: 720, cards: 4 }]}
      ariaLabels={{
        itemSelectionLabel: (_, asset) => asset.filename,
        selectionGroupLabel: "Files of the library",
        cardsLabel: "Files of the library",
      }}
      filter={
        <AssetFilter
          filter={filter}
          kinds={kinds}
          found={assets.isPending ? null : found.length}
          onChange={(next) => {
            setFilter(next);
            setPage(1);
          }}
        />
      }
      pagination={
        pages > 1 ? (
          <Pagination
            currentPageIndex={current}
            pagesCount={pages}
            ariaLabels={PAGE_WORDS}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
          />
        ) : null
      }
      empty={
        <Box textAlign="center" padding="l" color={assets.error ? "text-status-error" : "text-body-secondary"}>
          {assets.error
            ? explain(assets.error)
            : usable.length > 0
              ? "No file of the library fits. Change the search or the kind."
              : "There is no such file in the library yet. Upload one."}
        </Box>
      }
      cardDefinition={{
        header: (asset) => <span className="file-name">{asset.filename}</span>,
        sections: [
          { content: (asset) => <AssetPicture asset={asset} size="large" /> },
          {
            content: (asset) => (
              <SpaceBetween size="xxs">
                <span>
                  {kindWords(asset.kind)}, {sizeWords(asset.size)}
                </span>
                <WhereUsed name={asset.name} />
              </SpaceBetween>
            ),
          },
        ],
      }}
    />
  );
}
