import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { allPages, api } from "../../api/client";
import { explain } from "../../api/problems";
import { PageLink } from "../../app/page-link";
import { moment } from "../../app/times";
import { FindConversation } from "./find-conversation";
import { type ListedSession, type ShownState, useSessions } from "./session-requests";
import { SessionState, STATES } from "./session-state";
import "./sessions.css";

/** The newest session of each conversation, by state and flow. */
export function SessionsPage() {
  const [state, setState] = useState<ShownState | null>(null);
  const [flow, setFlow] = useState("");
  const [finding, setFinding] = useState(false);
  const sessions = useSessions(state, flow);
  const flows = useQuery({
    queryKey: ["flows"],
    queryFn: () => allPages((cursor) => api().GET("/flows", { params: { query: { limit: 100, cursor } } })),
  });
  const states = [
    { value: "", label: "All states" },
    ...Object.entries(STATES).map(([value, { words }]) => ({ value, label: words })),
  ];
  const flowOptions = [
    { value: "", label: "All flows" },
    ...(flows.data ?? []).map(({ name, title }) => ({ value: name, label: title || name })),
  ];
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description="A session is one run of a flow with one contact. Here is the newest of each conversation."
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button iconName="refresh" ariaLabel="Refresh" onClick={() => void sessions.refetch()} />
            <Button onClick={() => setFinding(true)}>Find a contact</Button>
          </SpaceBetween>
        }
      >
        Sessions
      </Header>
      {sessions.error ? (
        <Alert
          type="error"
          header="The sessions cannot be shown"
          action={<Button onClick={() => void sessions.refetch()}>Try again</Button>}
        >
          {explain(sessions.error)}
        </Alert>
      ) : (
        <Table<ListedSession>
          items={sessions.data?.pages.flatMap((page) => page.items) ?? []}
          trackBy="session"
          loading={sessions.isPending}
          loadingText="Loading the sessions"
          wrapLines
          ariaLabels={{ tableLabel: "Sessions" }}
          filter={
            <div className="session-filter">
              <Select
                options={states}
                selectedOption={states.find(({ value }) => value === (state ?? "")) ?? null}
                ariaLabel="State"
                onChange={({ detail }) => setState((detail.selectedOption.value || null) as ShownState | null)}
              />
              <Select
                options={flowOptions}
                selectedOption={flowOptions.find(({ value }) => value === flow) ?? null}
                ariaLabel="Flow"
                filteringType={flowOptions.length > 10 ? "auto" : "none"}
                onChange={({ detail }) => setFlow(detail.selectedOption.value ?? "")}
              />
            </div>
          }
          empty={
            <Box color="text-body-secondary" padding="m" textAlign="center">
              {sessions.hasNextPage ? "Nothing so far. Look further back." : "There are no such sessions."}
            </Box>
          }
          footer={
            sessions.hasNextPage && (
              <Box textAlign="center">
                <Button loading={sessions.isFetchingNextPage} onClick={() => void sessions.fetchNextPage()}>
                  Show older ones
                </Button>
              </Box>
            )
          }
          columnDefinitions={[
            {
              id: "session",
              header: "Session",
              isRowHeader: true,
              minWidth: 150,
              cell: (each) => (
                <PageLink
                  to={`/sessions/${each.conversation}/${each.session}`}
                  label={`Session of ${each.flow || "no flow"}, ${moment(each.updated_at)}`}
                >
                  {moment(each.updated_at)}
                </PageLink>
              ),
            },
            { id: "state", header: "State", minWidth: 190, cell: (each) => <SessionState state={each.state} /> },
            {
              id: "flow",
              header: "Flow",
              cell: (each) => (each.flow ? `${each.flow}, version ${each.version}` : "None"),
            },
            { id: "node", header: "At node", cell: (each) => each.at || "" },
            { id: "started", header: "Began", cell: (each) => moment(each.started_at) },
            { id: "turns", header: "Turns", cell: (each) => each.turn },
          ]}
        />
      )}
      {finding && <FindConversation onDismiss={() => setFinding(false)} />}
    </SpaceBetween>
  );
}
