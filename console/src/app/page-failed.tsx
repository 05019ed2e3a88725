import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { useRouteError } from "react-router";
import { explain } from "../api/problems";

/** Shown for an address that leads nowhere, and when a page breaks. */
export function PageFailed() {
  const error = useRouteError();
  return (
    <Box padding="xxl">
      {error ? (
        <Alert type="error" header="This page cannot be shown">
          {explain(error)}
        </Alert>
      ) : (
        <Alert type="info" header="There is no such page">
          <Link href="/flows">See the flows</Link>
        </Alert>
      )}
    </Box>
  );
}
