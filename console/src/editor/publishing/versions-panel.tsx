import Alert from "@cloudscape-design/components/alert";
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { allPages, api } from "../../api/client";
import { explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { FormDialog } from "../../app/dialog";
import { Loading } from "../../app/loading";
import { useNotifications } from "../../app/notifications";
import { useDraft } from "../drafts/draft-provider";
import { timeWords } from "../drafts/texts";
import { useEditor } from "../editor-state";
import { type Published, readLive } from "./publish-server";
import { VersionDialog } from "./version-dialog";

/** The versions of the flow, and what became of the draft. */
export function VersionsPanel() {
  const { name } = useEditor();
  const { state } = useDraft();
  const mayEdit = useRole("editor");
  const versions = useQuery({ queryKey: ["flow-versions", name], queryFn: () => readVersions(name) });
  const [shown, setShown] = useState<Published | null>(null);
  const [discarding, setDiscarding] = useState(false);
  if (versions.error)
    return (
      <Alert type="error" header="The versions cannot be shown">
        {explain(versions.error)}
      </Alert>
    );
  if (!versions.data) return <Loading what="the versions" />;
  const live = versions.data.find((version) => version.live) ?? null;
  return (
    <section aria-label="Versions">
      <SpaceBetween size="m">
        {mayEdit && live && state.seen.etag !== null && (
          <Button onClick={() => setDiscarding(true)}>Discard the draft</Button>
        )}
        {versions.data.length === 0 && <Box>This flow was never published.</Box>}
        <ol
          aria-label="Versions, the newest first"
          style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 16 }}
        >
          {versions.data.map((version) => (
            <li key={version.version}>
              <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                <Button
                  variant="inline-link"
                  ariaLabel={`Show version ${version.version}`}
                  onClick={() => setShown(version)}
                >
                  Version {version.version}
                </Button>
                {version.live && <Badge color="green">Live</Badge>}
              </SpaceBetween>
              <Box color="text-body-secondary" fontSize="body-s">
                {timeWords(version.published_at)}, {version.by || "a deploy"}
              </Box>
              {version.note && (
                <Box>
                  <span style={{ overflowWrap: "anywhere" }}>{version.note}</span>
                </Box>
              )}
            </li>
          ))}
        </ol>
      </SpaceBetween>
      {shown && <VersionDialog version={shown} live={live} onClose={() => setShown(null)} />}
      {discarding && <DiscardDialog onClose={() => setDiscarding(false)} />}
    </section>
  );
}

function readVersions(flow: string): Promise<Published[]> {
  return allPages((cursor) =>
    api().GET("/flows/{flow}/versions", {
      params: { path: { flow }, query: { limit: 100, ...(cursor ? { cursor } : {}) } },
    }),
  );
}

function DiscardDialog({ onClose }: { onClose(): void }) {
  const { name } = useEditor();
  const { discard } = useDraft();
  const { notify, fail } = useNotifications();
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      const { text } = await readLive(name);
      if (text === null) throw new Error("The flow is not live any more, so its draft is all there is.");
      await discard(text);
      notify({
        type: "success",
        header: "The draft was discarded",
        content: "You see the live version. Undo brings your text back.",
      });
    } catch (error) {
      fail("The draft was not discarded", error);
    }
    onClose();
  };
  return (
    <FormDialog
      title="Discard the draft?"
      onClose={onClose}
      action="Discard the draft"
      busy={busy}
      busyText="Discarding the draft"
      onSubmit={() => void start()}
    >
      All changes since the live version are dropped. The live version stays as it is.
    </FormDialog>
  );
}
