import Select, { type SelectProps } from "@cloudscape-design/components/select";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { allPages, api } from "../../api/client";
import type { Target } from "../../flow-text/flow-text";
import { useForm } from "./form-scope";

interface Props {
  label: string;
  target: Target | null;
  /** A target must be chosen. */
  required: boolean;
  /** What happens without a target. */
  without: string;
  onChange(target: Target | null): void;
}

/** Where an exit leads: a node, the end of the session, or another flow. */
export function TargetSelect({ label, target, required, without, onChange }: Props) {
  const { flow, titles, readOnly } = useForm();
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
        options: flow.nodes.map(({ id }) => ({ value: `node:${id}`, label: id, description: titles.get(id) ?? "" })),
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
  const [value, words] = chosenOf(target, new Set(flow.nodes.map(({ id }) => id)));
  return (
    <Select
      selectedOption={target ? { value, label: words } : required ? null : { value: "", label: without }}
      options={options}
      placeholder="Choose where to go"
      filteringType="auto"
      filteringPlaceholder="Find a node or a flow"
      filteringAriaLabel={`Find a node or a flow for ${label}`}
      statusType={flows.isLoading ? "loading" : flows.isError ? "error" : "finished"}
      loadingText="Loading the other flows"
      errorText="The other flows could not be loaded."
      recoveryText="Try again"
      readOnly={readOnly}
      ariaRequired={required}
      expandToViewport
      virtualScroll={flow.nodes.length > 60}
      onLoadItems={() => {
        setOpened(true);
        if (flows.isError) void flows.refetch();
      }}
      onChange={({ detail }) => onChange(toTarget(detail.selectedOption.value ?? ""))}
    />
  );
}

function chosenOf(target: Target | null, nodes: ReadonlySet<string>): [value: string, words: string] {
  switch (target?.kind) {
    case "node":
      return [`node:${target.node}`, nodes.has(target.node) ? target.node : `${target.node} (there is no such node)`];
    case "flow":
      return [`flow:${target.flow}`, `Flow ${target.flow}`];
    case "other":
      return ["other", target.text];
    default:
      return ["end", "End the session"];
  }
}

function toTarget(value: string): Target | null {
  if (value === "end") return { kind: "end" };
  const name = value.slice(5);
  if (value.startsWith("node:")) return { kind: "node", node: name };
  return value.startsWith("flow:") ? { kind: "flow", flow: name } : null;
}
