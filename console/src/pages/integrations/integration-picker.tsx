import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { allPages, api } from "../../api/client";

const CreateIntegrationDialog = lazy(async () => ({
  default: (await import("./create-integration-dialog")).CreateIntegrationDialog,
}));

interface Props {
  /** The name of the integration; null or "" for none. */
  value: string | null;
  onChange(name: string | null): void;
  readOnly?: boolean;
}

/** A field for one of the published integrations, where a new one can be begun, too. */
export function IntegrationPicker({ value, onChange, readOnly = false }: Props) {
  const [creating, setCreating] = useState(false);
  const { data, isLoading, isError, refetch } = useQuery({
    queryKey: ["integrations"],
    queryFn: () => allPages((cursor) => api().GET("/integrations", { params: { query: { cursor, limit: 100 } } })),
  });
  const options = (data ?? []).map(({ name, title, method, url }) => ({
    value: name,
    label: title || name,
    ...(title ? { labelTag: name } : {}),
    description: `${method} ${url}`,
  }));
  const chosen = options.find((option) => option.value === value);
  const missing = { value: value ?? "", label: value ?? "", description: data ? "Not published" : "" };
  return (
    <SpaceBetween size="xs">
      <Select
        selectedOption={value ? (chosen ?? missing) : null}
        options={options}
        placeholder="Choose an integration"
        empty="There is no integration yet. Create one below."
        filteringType={options.length > 8 ? "auto" : "none"}
        statusType={isLoading ? "loading" : isError ? "error" : "finished"}
        loadingText="Loading the integrations"
        errorText="The integrations could not be loaded."
        recoveryText="Try again"
        readOnly={readOnly}
        expandToViewport
        onLoadItems={() => isError && void refetch()}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? null)}
      />
      {!readOnly && (
        <Button iconName="add-plus" onClick={() => setCreating(true)}>
          Create integration
        </Button>
      )}
      {creating && (
        <Suspense>
          <CreateIntegrationDialog onClose={() => setCreating(false)} onCreated={onChange} />
        </Suspense>
      )}
    </SpaceBetween>
  );
}
