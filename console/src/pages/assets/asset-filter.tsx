import Select from "@cloudscape-design/components/select";
import TextFilter from "@cloudscape-design/components/text-filter";
import { type Asset, type Filter, KINDS, type Kind, kindWords } from "./asset-rules";
import "./assets.css";

export const NO_FILTER: Filter = { search: "", kind: null, state: null };

const STATES: Record<Asset["state"], string> = { ready: "Ready", uploading: "Being checked", rejected: "Refused" };

interface Props {
  filter: Filter;
  onChange(filter: Filter): void;
  /** How many were found; null while that is not known. */
  found: number | null;
  kinds?: readonly Kind[];
  withState?: boolean;
}

/** Search by name, and filter by kind. */
export function AssetFilter({ filter, onChange, found, kinds = KINDS, withState }: Props) {
  const all = { value: "", label: "All kinds" };
  const everyState = { value: "", label: "All states" };
  const kindOptions = [all, ...kinds.map((kind) => ({ value: kind, label: kindWords(kind) }))];
  const stateOptions = [
    everyState,
    ...Object.entries(STATES).map(([value, label]) => ({ value: value as Asset["state"], label })),
  ];
  const narrowed = filter.search !== "" || filter.kind !== null || filter.state !== null;
  return (
    <div className="asset-filter">
      <TextFilter
        filteringText={filter.search}
        filteringPlaceholder="Find a file by its name"
        filteringAriaLabel="Find a file by its name"
        filteringClearAriaLabel="Clear the search"
        countText={narrowed && found !== null ? `${found} found` : undefined}
        onChange={({ detail }) => onChange({ ...filter, search: detail.filteringText })}
      />
      {kinds.length > 1 && (
        <Select
          options={kindOptions}
          selectedOption={kindOptions.find((option) => option.value === (filter.kind ?? "")) ?? all}
          ariaLabel="Kind of file"
          onChange={({ detail }) => onChange({ ...filter, kind: (detail.selectedOption.value || null) as Kind | null })}
        />
      )}
      {withState && (
        <Select
          options={stateOptions}
          selectedOption={stateOptions.find((option) => option.value === (filter.state ?? "")) ?? everyState}
          ariaLabel="State"
          onChange={({ detail }) =>
            onChange({ ...filter, state: (detail.selectedOption.value || null) as Asset["state"] | null })
          }
        />
      )}
    </div>
  );
}
