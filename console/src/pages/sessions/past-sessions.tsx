import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { explain } from "../../api/problems";
import { PageLink } from "../../app/page-link";
import { moment } from "../../app/times";
import { type Conversation, useOlderSessions } from "./session-requests";
import { SessionState } from "./session-state";

/** The sessions of a conversation; the older ones are loaded on request. */
export function PastSessions({ conversation: shown, shown: chosen }: { conversation: Conversation; shown: string }) {
  const { conversation, sessions, sessions_next: next } = shown;
  const [wanted, setWanted] = useState(false);
  const older = useOlderSessions(conversation, next ?? "", wanted);
  const items = [...sessions, ...(older.data?.pages.flatMap((page) => page.items) ?? [])];
  const isMore = older.data ? older.hasNextPage : Boolean(next);
  if (items.length < 2) return null;
  return (
    <ExpandableSection
      headerText={isMore ? "Sessions of this conversation" : `All sessions of this conversation (${items.length})`}
      variant="container"
    >
      <Table
        variant="embedded"
        items={items}
        trackBy="session"
        ariaLabels={{ tableLabel: "Sessions of this conversation" }}
        footer={
          isMore && (
            <SpaceBetween size="s">
              {older.error && <Alert type="error">{explain(older.error)}</Alert>}
              <Box textAlign="center">
                <Button
                  loading={older.isFetching}
                  onClick={() => (wanted ? void older.fetchNextPage() : setWanted(true))}
                >
                  Show older ones
                </Button>
              </Box>
            </SpaceBetween>
          )
        }
        columnDefinitions={[
          {
            id: "began",
            header: "Began",
            isRowHeader: true,
            cell: (each) =>
              each.session === chosen ? (
                `${moment(each.started_at)} (shown)`
              ) : (
                <PageLink to={`/sessions/${conversation}/${each.session}`}>{moment(each.started_at)}</PageLink>
              ),
          },
          { id: "flow", header: "Flow", cell: (each) => each.flow || "None" },
          { id: "state", header: "State", cell: (each) => <SessionState state={each.state} /> },
          { id: "turns", header: "Turns", cell: (each) => each.turns ?? "Unknown" },
        ]}
      />
    </ExpandableSection>
  );
}
