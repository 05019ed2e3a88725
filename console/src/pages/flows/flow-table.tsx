import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import { PageLink } from "../../app/page-link";
import { moment } from "../../app/times";
import { type FlowAction, FlowActions } from "./flow-actions";
import { useChanged, useProblemCount, useWasLive } from "./flow-requests";
import { type FlowHead, stateOf } from "./flow-rules";

interface Props {
  flows: readonly FlowHead[];
  loading: boolean;
  mayEdit: boolean;
  filter: ReactNode;
  pagination: ReactNode;
  empty: ReactNode;
  onAction(action: FlowAction, flow: FlowHead): void;
}

export function FlowTable({ flows, loading, mayEdit, filter, pagination, empty, onAction }: Props) {
  return (
    <Table<FlowHead>
      items={flows}
      trackBy="name"
      loading={loading}
      loadingText="Loading the flows"
      filter={filter}
      pagination={pagination}
      empty={empty}
      wrapLines
      ariaLabels={{ tableLabel: "Flows" }}
      columnDefinitions={[
        {
          id: "flow",
          header: "Flow",
          isRowHeader: true,
          minWidth: 200,
          cell: (flow) => (
            <SpaceBetween size="xxs">
              <span className="own-name">
                <PageLink to={`/flows/${flow.name}`}>{flow.title || flow.name}</PageLink>
              </span>
              {flow.title && <Box variant="small">{flow.name}</Box>}
            </SpaceBetween>
          ),
        },
        { id: "state", header: "State", minWidth: 210, cell: (flow) => <State flow={flow} /> },
        { id: "draft", header: "Draft", minWidth: 180, cell: (flow) => <Draft flow={flow} /> },
        { id: "live", header: "Live version", minWidth: 180, cell: (flow) => <Live flow={flow} /> },
        {
          id: "actions",
          header: <span className="only-spoken">Actions</span>,
          minWidth: 60,
          cell: (flow) => <FlowActions flow={flow} mayEdit={mayEdit} onAction={onAction} />,
        },
      ]}
    />
  );
}

function State({ flow }: { flow: FlowHead }) {
  const state = stateOf(flow, useChanged(flow), useWasLive(flow));
  if (state === "live") return <StatusIndicator type="success">Live</StatusIndicator>;
  if (state === "differs") {
    return <StatusIndicator type="info">Live, draft differs</StatusIndicator>;
  }
  if (state === "withdrawn") return <StatusIndicator type="stopped">Withdrawn</StatusIndicator>;
  return <StatusIndicator type="pending">Draft only</StatusIndicator>;
}

function Draft({ flow }: { flow: FlowHead }) {
  const problems = useProblemCount(flow);
  if (!flow.draft) return "None";
  return (
    <SpaceBetween size="xxs">
      <span>{flow.draft.by}</span>
      <Box variant="small">{moment(flow.draft.updated_at)}</Box>
      {problems !== null && problems > 0 && (
        <StatusIndicator type="warning">{problems === 1 ? "1 problem" : `${problems} problems`}</StatusIndicator>
      )}
    </SpaceBetween>
  );
}

function Live({ flow }: { flow: FlowHead }) {
  if (flow.version === null) return "None";
  return (
    <SpaceBetween size="xxs">
      <span>
        Version {flow.version}, {flow.by || "by a deploy"}
      </span>
      <Box variant="small">
        {moment(flow.published_at)}
        {flow.note && <span className="own-name">: {flow.note}</span>}
      </Box>
    </SpaceBetween>
  );
}
