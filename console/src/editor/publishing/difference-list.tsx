import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { FlowModel } from "../../flow-text/flow-text";
import {
  type FieldChange,
  type FlowDifference,
  flowDifference,
  isSame,
  type NodeChange,
  summary,
} from "./flow-difference";

const KINDS: Record<NodeChange["kind"], string> = { added: "Added", removed: "Removed", changed: "Changed" };

interface Props {
  before: FlowModel | null;
  after: FlowModel;
  /** Whose the two sides are, such as "Live" and "Draft". */
  names: [string, string];
}

/** How two flows differ, node by node and in words. */
export function DifferenceOfFlows({ before, after, names }: Props) {
  return <DifferenceList difference={flowDifference(before, after)} names={names} />;
}

export function DifferenceList({ difference, names }: { difference: FlowDifference; names: [string, string] }) {
  return (
    <SpaceBetween size="xs">
      <Box>{summary(difference)}</Box>
      {!isSame(difference) && difference.settings.length > 0 && (
        <Changed title="Settings of the flow" fields={difference.settings} names={names} open />
      )}
      {difference.nodes.map((node) => (
        <Changed
          key={node.node}
          title={`${KINDS[node.kind]}: ${node.node}`}
          fields={node.fields}
          names={names}
          open={node.kind === "changed" && difference.nodes.length <= 10}
        />
      ))}
    </SpaceBetween>
  );
}

interface ChangedProps {
  title: string;
  fields: FieldChange[];
  names: [string, string];
  open: boolean;
}

function Changed({ title, fields, names, open }: ChangedProps) {
  return (
    <ExpandableSection headerText={title} defaultExpanded={open}>
      <FieldTable title={title} fields={fields} names={names} />
    </ExpandableSection>
  );
}

/** The values of each field, side by side. */
export function FieldTable({ title, fields, names }: Omit<ChangedProps, "open">) {
  const cell = { textAlign: "left", verticalAlign: "top", padding: "4px 12px 4px 0" } as const;
  const head = { ...cell, color: "var(--text-secondary)" };
  const value = { ...cell, width: "37%", overflowWrap: "anywhere", whiteSpace: "pre-wrap" } as const;
  return (
    <table aria-label={title} style={{ width: "100%", borderCollapse: "collapse", tableLayout: "fixed" }}>
      <thead>
        <tr>
          <th scope="col" style={head}>
            Field
          </th>
          <th scope="col" style={{ ...value, color: "var(--text-secondary)" }}>
            {names[0]}
          </th>
          <th scope="col" style={{ ...value, color: "var(--text-secondary)" }}>
            {names[1]}
          </th>
        </tr>
      </thead>
      <tbody>
        {fields.map((change) => (
          <tr key={change.field}>
            <th scope="row" style={{ ...cell, fontWeight: "normal", overflowWrap: "break-word" }}>
              {change.field}
            </th>
            <Value of={change.before} style={value} />
            <Value of={change.after} style={value} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ of, style }: { of: string | null; style: React.CSSProperties }) {
  if (of === null) return <td style={{ ...style, color: "var(--text-secondary)" }}>none</td>;
  return <td style={style}>{of}</td>;
}
