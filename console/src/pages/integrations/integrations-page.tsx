import { useCollection } from "@cloudscape-design/collection-hooks";
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { allPages, api } from "../../api/client";
import { explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { PageLink } from "../../app/page-link";
import { CreateIntegrationDialog } from "./create-integration-dialog";
import "./integrations.css";

/** Every integration, by name. */
export function useIntegrations() {
  return useQuery({
    queryKey: ["integrations"],
    queryFn: () => allPages((cursor) => api().GET("/integrations", { params: { query: { cursor, limit: 100 } } })),
  });
}

/** The calls to the business's API. */
export function IntegrationsPage() {
  const { data, error, isLoading, refetch } = useIntegrations();
  const mayEdit = useRole("editor");
  const [creating, setCreating] = useState(false);
  const create = mayEdit ? (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create integration
    </Button>
  ) : null;
  const { items, filterProps, collectionProps, filteredItemsCount } = useCollection(data ?? [], {
    filtering: {
      fields: ["name", "title", "url", "method"],
      empty: error ? (
        <SpaceBetween size="s" alignItems="center">
          <Box color="text-status-error">{explain(error)}</Box>
          <Button onClick={() => void refetch()}>Try again</Button>
        </SpaceBetween>
      ) : (
        <Empty action={create} />
      ),
      noMatch: "No integration fits these words.",
    },
    sorting: { defaultState: { sortingColumn: { sortingField: "name" } } },
  });
  return (
    <>
      <Table
        {...collectionProps}
        variant="full-page"
        items={items}
        trackBy="name"
        loading={isLoading}
        loadingText="Loading the integrations"
        wrapLines
        header={
          <Header
            variant="h1"
            counter={data ? `(${data.length})` : undefined}
            description="Calls to the API of your business: they hand in a customer's file, or fetch one to send."
            actions={create}
          >
            Integrations
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringPlaceholder="Find by name, title or address"
            filteringAriaLabel="Find an integration"
            countText={`${filteredItemsCount} found`}
          />
        }
        columnDefinitions={[
          {
            id: "name",
            header: "Integration",
            sortingField: "name",
            isRowHeader: true,
            minWidth: 200,
            cell: (each) => (
              <SpaceBetween size="xxs">
                <span className="own-name">
                  <PageLink to={`/integrations/${each.name}`}>{each.title || each.name}</PageLink>
                </span>
                {each.title ? <Box variant="small">{each.name}</Box> : null}
              </SpaceBetween>
            ),
          },
          {
            id: "call",
            header: "Call",
            minWidth: 260,
            cell: (each) => (
              <SpaceBetween direction="horizontal" size="xs">
                <Badge>{each.method}</Badge>
                <span className="integration-url">{each.url}</span>
              </SpaceBetween>
            ),
          },
          {
            id: "used",
            header: "Used by",
            cell: (each) =>
              each.used_by.length > 0
                ? each.used_by.map((flow, index) => (
                    <span key={flow}>
                      {index > 0 ? ", " : ""}
                      <PageLink to={`/flows/${flow}`}>{flow}</PageLink>
                    </span>
                  ))
                : "No live flow",
          },
          {
            id: "published",
            header: "Published",
            sortingField: "published_at",
            cell: (each) => `${new Date(each.published_at).toLocaleString()}, ${each.by || "by a deploy"}`,
          },
        ]}
      />
      {creating ? <CreateIntegrationDialog onClose={() => setCreating(false)} /> : null}
    </>
  );
}

function Empty({ action }: { action: React.ReactNode }) {
  return (
    <Box textAlign="center" padding="l">
      <SpaceBetween size="s">
        <Box variant="strong">No integrations yet</Box>
        <Box color="text-body-secondary">An integration is one call to the API of your business.</Box>
        {action}
      </SpaceBetween>
    </Box>
  );
}
