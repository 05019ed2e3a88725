import Select, { type SelectProps } from "@cloudscape-design/components/select";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { allPages, api } from "../api/client";
import type { FlowModel, Target } from "../flow-text/flow-text";

interface Props {
  flow: FlowModel;
  /** What a node does, by its name. */
  titles?: ReadonlyMap<string, string>;
  /** What leads there, such as "Where Received leads". */
  label: string;
  target: Target | null;
  /** A target must be chosen. */
  required?: boolean;
  /** What happens without a target. */
  without?: string;
  readOnly?: boolean;
  autoFocus?: boolean;
  onChange(target: Target | null): void;
  onClose?(): void;
}

/** Chooses where an exit leads: a node, the end of the session, or another flow. */
export function TargetSelect({
  flow,
  titles,
  label,
  target,
  required = false,
  without = "Ends the session",
  readOnly = false,
  autoFocus = false,
  onChange,
  onClose,
}: Props) {
  const [opened, setOpened] = useState(false);
  const flows = useQuery({
    queryKey: ["flows"],
    queryFn: () => allPages((cursor) => api().GET("/flows", { params: { query: { cursor, limit: 100 } } })),
    enabled: opened,
  });
  const options = useMemo<SelectProps.Options>(
    () => [
      ...(required ? [] : [{ value: "", label: without }]),
      { value: "end", label: "End the session" },
      {
        label: "Nodes of this flow",
        options: flow.nodes.map(({ id }) => ({ value: `node:${id}`, label: id, description: titles?.get(id) ?? "" })),
      },
      {
        label: "Another flow",
        options: (flows.data ?? [])
          .filter(({ name }) => name !== flow.name)
          .map(({ name, title }) => ({ value: `flow:${name}`, label: name, description: title })),
      },
    ],
    [flow, titles, flows.data, required, without],
  );
  return (
    <Select
      selectedOption={target ? chosenOption(target, flow) : required ? null : { value: "", label: without }}
      options={options}
      placeholder="Choose where to go"
      ariaLabel={label}
      ariaRequired={required}
      filteringType="auto"
      filteringPlaceholder="Find a node or a flow"
      filteringAriaLabel={`Find a node or a flow for ${label}`}
      statusType={flows.isLoading ? "loading" : flows.isError ? "error" : "finished"}
      loadingText="Loading the other flows"
      errorText="The other flows could not be loaded."
      recoveryText="Try again"
      readOnly={readOnly}
      autoFocus={autoFocus}
      expandToViewport
      virtualScroll={flow.nodes.length > 60}
      onLoadItems={() => {
        setOpened(true);
        if (flows.isError) void flows.refetch();
      }}
      onChange={({ detail }) => onChange(toTarget(detail.selectedOption.value ?? ""))}
      onBlur={() => onClose?.()}
    />
  );
}

function chosenOption(target: Target, flow: FlowModel): SelectProps.Option {
  switch (target.kind) {
    case "node": {
      const isThere = flow.nodes.some(({ id }) => id === target.node);
      return { value: `node:${target.node}`, label: isThere ? target.node : `${target.node} (there is no such node)` };
    }
    case "flow":
      return { value: `flow:${target.flow}`, label: `Flow ${target.flow}` };
    case "other":
      return { value: "other", label: target.text };
    default:
      return { value: "end", label: "End the session" };
  }
}

function toTarget(value: string): Target | null {
  if (value === "end") return { kind: "end" };
  const name = value.slice(5);
  if (value.startsWith("node:")) return { kind: "node", node: name };
  return value.startsWith("flow:") ? { kind: "flow", flow: name } : null;
}
