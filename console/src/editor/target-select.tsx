import Select, { type SelectProps } from "@cloudscape-design/components/select";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { allPages, api } from "../api/client";
import type { FlowModel, Target } from "../flow-text/flow-text";

interface Props {
  flow: FlowModel;
  /** What a screen reader calls the box, such as "Where Received leads". */
  label: string;
  target: Target | null;
  /** Null: nowhere is written, which leads to the end. */
  onChange(target: Target | null): void;
  onClose?(): void;
  disabled?: boolean;
  autoFocus?: boolean;
}

/** Chooses where an exit leads: a node, the end, or another flow. */
export function TargetSelect({ flow, label, target, onChange, onClose, disabled = false, autoFocus = false }: Props) {
  const others = useQuery({
    queryKey: ["flows"],
    queryFn: () => allPages((cursor) => api().GET("/flows", { params: { query: cursor ? { cursor } : {} } })),
  });
  const options = useMemo<SelectProps.Options>(
    () => [
      { value: "none", label: "Not connected", description: "The conversation ends here" },
      { value: "end", label: "End of the conversation" },
      { label: "Nodes", options: flow.nodes.map(({ id }) => ({ value: `node:${id}`, label: id })) },
      {
        label: "Other flows",
        options: (others.data ?? [])
          .filter(({ name }) => name !== flow.name)
          .map(({ name, title }) => ({ value: `flow:${name}`, label: title || name, description: name })),
      },
    ],
    [flow, others.data],
  );
  return (
    <Select
      selectedOption={shownOption(target)}
      options={options}
      onChange={({ detail }) => onChange(chosenTarget(String(detail.selectedOption.value)))}
      onBlur={() => onClose?.()}
      filteringType="auto"
      filteringPlaceholder="Find a node or a flow"
      filteringAriaLabel="Find a node or a flow"
      placeholder="Choose where it leads"
      ariaLabel={label}
      disabled={disabled}
      autoFocus={autoFocus}
      statusType={others.isPending ? "loading" : "finished"}
      loadingText="Loading the other flows"
      expandToViewport
      virtualScroll={flow.nodes.length > 50}
    />
  );
}

function shownOption(target: Target | null): SelectProps.Option {
  switch (target?.kind) {
    case "node":
      return { value: `node:${target.node}`, label: target.node };
    case "flow":
      return { value: `flow:${target.flow}`, label: `Flow ${target.flow}` };
    case "end":
      return { value: "end", label: "End of the conversation" };
    case "other":
      return { value: "other", label: "Cannot be read: see the text" };
    default:
      return { value: "none", label: "Not connected" };
  }
}

function chosenTarget(value: string): Target | null {
  if (value === "end") return { kind: "end" };
  if (value.startsWith("node:")) return { kind: "node", node: value.slice("node:".length) };
  return value.startsWith("flow:") ? { kind: "flow", flow: value.slice("flow:".length) } : null;
}
