import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { useNotifications } from "../../app/notifications";
import { PAGE_WORDS, pageOf } from "../paging";
import { exportFlow } from "./export-flow";
import type { FlowAction } from "./flow-actions";
import { useFlows } from "./flow-requests";
import { type FlowHead, isFound } from "./flow-rules";
import { FlowTable } from "./flow-table";

// The dialogs are rarely needed, and with the examples of the first a third of this page.
const CreateFlowDialog = lazy(async () => ({ default: (await import("./create-flow-dialog")).CreateFlowDialog }));
const RemoveFlowDialog = lazy(async () => ({ default: (await import("./remove-flow-dialog")).RemoveFlowDialog }));

const A_PAGE = 20;

/** All flows: what is live, what is being worked on, by whom. */
export function FlowsPage() {
  const mayEdit = useRole("editor");
  const flows = useFlows();
  const { fail } = useNotifications();
  const [search, setSearch] = useState("");
  const [page, setPage] = useState(1);
  const [dialog, setDialog] = useState<{ action: "create" | "duplicate" | "unpublish" | "delete"; flow?: FlowHead }>();

  const all = flows.data ?? [];
  const found = all.filter((flow) => isFound(flow, search));
  const { shown, pages, current } = pageOf(found, page, A_PAGE);
  const close = () => setDialog(undefined);
  const act = (action: FlowAction, flow: FlowHead) => {
    if (action === "export-draft" || action === "export-live") {
      exportFlow(flow, action === "export-draft" ? "draft" : (flow.version ?? 0)).catch((error) =>
        fail("The flow was not exported", error),
      );
    } else setDialog({ action, flow });
  };
  const create = (
    <Button variant="primary" onClick={() => setDialog({ action: "create" })}>
      Create a flow
    </Button>
  );
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        counter={flows.data ? `(${all.length})` : undefined}
        description="A flow is a conversation that the bot leads: what it asks, what it sends, where it goes on."
        actions={mayEdit && create}
      >
        Flows
      </Header>
      {flows.error ? (
        <Alert
          type="error"
          header="The flows cannot be shown"
          action={<Button onClick={() => void flows.refetch()}>Try again</Button>}
        >
          {explain(flows.error)}
        </Alert>
      ) : (
        <FlowTable
          flows={shown}
          loading={flows.isPending}
          mayEdit={mayEdit}
          onAction={act}
          filter={
            <TextFilter
              filteringText={search}
              filteringPlaceholder="Find a flow by its title or name"
              filteringAriaLabel="Find a flow by its title or name"
              filteringClearAriaLabel="Clear the search"
              countText={search && flows.data ? `${found.length} found` : undefined}
              onChange={({ detail }) => {
                setSearch(detail.filteringText);
                setPage(1);
              }}
            />
          }
          pagination={
            pages > 1 ? (
              <Pagination
                currentPageIndex={current}
                pagesCount={pages}
                ariaLabels={PAGE_WORDS}
                onChange={({ detail }) => setPage(detail.currentPageIndex)}
              />
            ) : undefined
          }
          empty={
            all.length > 0 ? <NoMatch onClear={() => setSearch("")} /> : <Newcomer create={mayEdit ? create : null} />
          }
        />
      )}
      {dialog?.flow && (dialog.action === "delete" || dialog.action === "unpublish") && (
        <Suspense>
          <RemoveFlowDialog flow={dialog.flow} action={dialog.action} onDismiss={close} />
        </Suspense>
      )}
      {(dialog?.action === "create" || dialog?.action === "duplicate") && (
        <Suspense>
          <CreateFlowDialog flows={all} copyOf={dialog.flow} onDismiss={close} />
        </Suspense>
      )}
    </SpaceBetween>
  );
}

function NoMatch({ onClear }: { onClear(): void }) {
  return (
    <SpaceBetween size="s" alignItems="center">
      <Box color="text-body-secondary">No flow fits.</Box>
      <Button onClick={onClear}>Show all flows</Button>
    </SpaceBetween>
  );
}

function Newcomer({ create }: { create: ReactNode }) {
  return (
    <Box padding="l" textAlign="center">
      <SpaceBetween size="s" alignItems="center">
        <Box variant="h2">There are no flows yet</Box>
        <Box color="text-body-secondary">
          {create
            ? "Begin with an example: it opens as a draft, and no customer sees it before you publish it."
            : "Ask an editor to create the first one."}
        </Box>
        {create}
      </SpaceBetween>
    </Box>
  );
}
