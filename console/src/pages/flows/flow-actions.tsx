import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import type { FlowHead } from "./flow-rules";

export type FlowAction = "duplicate" | "export-draft" | "export-live" | "unpublish" | "delete";

interface Props {
  flow: FlowHead;
  mayEdit: boolean;
  onAction(action: FlowAction, flow: FlowHead): void;
}

/** What can be done with one flow. */
export function FlowActions({ flow, mayEdit, onAction }: Props) {
  const live = flow.version !== null;
  return (
    <ButtonDropdown
      variant="icon"
      expandToViewport
      ariaLabel={`Actions for ${flow.title || flow.name}`}
      items={[
        ...(mayEdit ? [{ id: "duplicate", text: "Duplicate" }] : []),
        ...(flow.draft ? [{ id: "export-draft", text: live ? "Export the draft" : "Export" }] : []),
        ...(live ? [{ id: "export-live", text: flow.draft ? "Export the live version" : "Export" }] : []),
        ...(mayEdit && live ? [{ id: "unpublish", text: "Unpublish" }] : []),
        ...(mayEdit ? [{ id: "delete", text: "Delete" }] : []),
      ]}
      onItemClick={({ detail }) => onAction(detail.id as FlowAction, flow)}
    />
  );
}
