import Alert from "@cloudscape-design/components/alert";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNavigate, useParams } from "react-router";
import { ApiProblem, explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { Loading } from "../../app/loading";
import { PageLink } from "../../app/page-link";
import { Chat } from "./chat";
import { useFlowWords } from "./flow-words";
import { PastSessions } from "./past-sessions";
import { SessionActions } from "./session-actions";
import { SessionPath } from "./session-path";
import { useConversation, useTurns } from "./session-requests";
import { SessionSummary } from "./session-summary";

/** One session as a chat; without a session in the address, the conversation's newest. */
export function SessionPage() {
  const { conversation = "", session } = useParams();
  const navigate = useNavigate();
  const mayAct = useRole("editor");
  const shown = useConversation(conversation);
  const newest = shown.data?.data.session;
  const chosen = session ?? newest?.session ?? "";
  const isNewest = chosen === newest?.session;
  const turns = useTurns(conversation, chosen, isNewest ? newest?.turn : undefined);
  const said = useFlowWords(turns.data ?? []);

  if (shown.isPending) return <Loading what="the session" />;
  if (!shown.data) return <NotShown error={shown.error} onRetry={() => void shown.refetch()} />;
  const { data, etag } = shown.data;
  return (
    <SpaceBetween size="l">
      <BreadcrumbGroup
        ariaLabel="Where this is"
        items={[
          { text: "Sessions", href: "/sessions" },
          { text: "Session", href: "" },
        ]}
        onFollow={(event) => {
          event.preventDefault();
          if (event.detail.href) navigate(event.detail.href);
        }}
      />
      <Header
        variant="h1"
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button
              iconName="refresh"
              ariaLabel="Refresh"
              onClick={() => {
                void shown.refetch();
                void turns.refetch();
              }}
            />
            {mayAct && isNewest && <SessionActions conversation={data} etag={etag} />}
          </SpaceBetween>
        }
      >
        Session
      </Header>
      {shown.error && <Alert type="warning">{explain(shown.error)}</Alert>}
      {isNewest ? (
        <Container>
          <SessionSummary conversation={data} />
        </Container>
      ) : (
        <Alert type="info" action={<PageLink to={`/sessions/${conversation}`}>See the newest</PageLink>}>
          This is an earlier session of the conversation.
        </Alert>
      )}
      {turns.error && <Alert type="error">{explain(turns.error)}</Alert>}
      {turns.isPending && chosen ? <Loading what="the messages" /> : <Chat turns={turns.data ?? []} said={said} />}
      {turns.data && turns.data.length > 0 && <SessionPath key={chosen} turns={turns.data} />}
      {isNewest && <Variables values={data.session.variables} />}
      <PastSessions conversation={data} shown={chosen} />
    </SpaceBetween>
  );
}

function NotShown({ error, onRetry }: { error: Error | null; onRetry(): void }) {
  const gone = error instanceof ApiProblem && error.status === 404;
  return (
    <Alert
      type={gone ? "info" : "error"}
      header={gone ? "There is no such conversation" : "The session cannot be shown"}
      action={
        gone ? <PageLink to="/sessions">See the sessions</PageLink> : <Button onClick={onRetry}>Try again</Button>
      }
    >
      {gone ? "The contact never wrote, or the time for which it is kept is over." : explain(error)}
    </Alert>
  );
}

function Variables({ values }: { values: Readonly<Record<string, unknown>> }) {
  const names = Object.keys(values);
  if (names.length === 0) return null;
  return (
    <ExpandableSection headerText={`Variables (${names.length})`} variant="container">
      <KeyValuePairs
        columns={2}
        items={names.map((name) => ({
          label: name,
          value: (
            <span className="file-name">
              {typeof values[name] === "string" ? values[name] : JSON.stringify(values[name])}
            </span>
          ),
        }))}
      />
    </ExpandableSection>
  );
}
