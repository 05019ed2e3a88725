import Alert from "@cloudscape-design/components/alert";
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { allPages, api, unwrap } from "../../api/client";
import { explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { useNotifications } from "../../app/notifications";

/** Who published an integration when, and the live flows that call it. */
export function IntegrationVersions({ name, etag }: { name: string; etag: string }) {
  const queries = useQueryClient();
  const mayEdit = useRole("editor");
  const { notify, fail } = useNotifications();
  const [busy, setBusy] = useState(0);
  const path = { integration: name };
  const versions = useQuery({
    queryKey: ["integration-versions", name, etag],
    queryFn: () =>
      allPages((cursor) =>
        api().GET("/integrations/{integration}/versions", { params: { path, query: { cursor, limit: 100 } } }),
      ),
  });
  const usage = useQuery({
    queryKey: ["integration-usage", name, etag],
    queryFn: () => unwrap(api().GET("/integrations/{integration}/usage", { params: { path } })),
  });

  async function publishAgain(version: number) {
    setBusy(version);
    try {
      const body = { version, note: `Version ${version} again` };
      const header = { "If-Match": etag, "Idempotency-Key": crypto.randomUUID() };
      await unwrap(api().POST("/integrations/{integration}/rollback", { params: { path, header }, body }));
      notify({ type: "success", header: `Version ${version} of ${name} is live again, as a new version` });
      await queries.invalidateQueries({ queryKey: ["integration", name] });
      await queries.invalidateQueries({ queryKey: ["integrations"] });
    } catch (error) {
      fail(`Version ${version} was not published again`, error);
    } finally {
      setBusy(0);
    }
  }

  return (
    <SpaceBetween size="l">
      <Table
        items={versions.data ?? []}
        trackBy="version"
        loading={versions.isLoading}
        loadingText="Loading the versions"
        header={<Header variant="h2">Versions</Header>}
        empty={versions.error ? explain(versions.error) : "None."}
        columnDefinitions={[
          {
            id: "version",
            header: "Version",
            isRowHeader: true,
            cell: (each) => (
              <SpaceBetween direction="horizontal" size="xs">
                <span>{each.version}</span>
                {each.live ? <Badge color="green">Live</Badge> : null}
              </SpaceBetween>
            ),
          },
          { id: "at", header: "When", cell: (each) => new Date(each.published_at).toLocaleString() },
          { id: "by", header: "Who", cell: (each) => each.by || "A deploy" },
          { id: "note", header: "Note", cell: (each) => each.note || "-" },
          {
            id: "again",
            header: "",
            cell: (each) =>
              each.live || !mayEdit ? null : (
                <Button
                  variant="inline-link"
                  loading={busy === each.version}
                  ariaLabel={`Publish again: version ${each.version}`}
                  onClick={() => void publishAgain(each.version)}
                >
                  Publish again
                </Button>
              ),
          },
        ]}
      />
      <SpaceBetween size="xs">
        <Header variant="h2">Used by</Header>
        {usage.error ? <Alert type="error">{explain(usage.error)}</Alert> : null}
        {usage.data?.used_by.length === 0 ? <Box>No live flow calls it.</Box> : null}
        <ul>
          {usage.data?.used_by.map(({ flow, nodes }) => (
            <li key={flow}>
              <Link to={`/flows/${flow}`}>{flow}</Link>: {nodes.join(", ")}
            </li>
          ))}
        </ul>
      </SpaceBetween>
    </SpaceBetween>
  );
}
