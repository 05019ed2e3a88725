import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { Dialog } from "../../app/dialog";
import { Loading } from "../../app/loading";
import { useNotifications } from "../../app/notifications";
import { PageLink } from "../../app/page-link";
import { parseFlow } from "../../flow-text/flow-text";
import { readVersion } from "../drafts/draft-server";
import { timeWords } from "../drafts/texts";
import { useEditor } from "../editor-state";
import { DifferenceOfFlows } from "./difference-list";
import { type Published, rollBack } from "./publish-server";

const FlowCanvas = lazy(async () => ({ default: (await import("../canvas/flow-canvas")).FlowCanvas }));
const CodeEditor = lazy(async () => ({ default: (await import("../text-view/code-editor")).CodeEditor }));

interface Props {
  version: Published;
  live: Published | null;
  onClose(): void;
}

/** One version, read only: what differs from the live one, its canvas, its text. It can be made live again. */
export function VersionDialog({ version, live, onClose }: Props) {
  const { name, nodeTypes } = useEditor();
  const mayEdit = useRole("editor");
  const text = useVersionText(name, version.version);
  const liveText = useVersionText(name, live?.version ?? version.version);
  const flow = text.data === undefined ? null : parseFlow(text.data).flow;
  const liveFlow = live && liveText.data !== undefined ? parseFlow(liveText.data).flow : null;
  const error = text.error ?? liveText.error;
  return (
    <Dialog
      size="max"
      title={`Version ${version.version} of ${name}${version.live ? " (live)" : ""}`}
      onClose={onClose}
    >
      <Box>
        Published on {timeWords(version.published_at)} by {version.by || "a deploy"}. {version.note}
      </Box>
      {error && <Alert type="error">{explain(error)}</Alert>}
      {!error && (text.data === undefined || liveText.data === undefined) && <Loading what="the version" />}
      {flow && text.data !== undefined && (
        <Tabs
          ariaLabel="Views of the version"
          tabs={[
            ...(live && !version.live
              ? [
                  {
                    id: "difference",
                    label: "Difference to live",
                    content: (
                      <DifferenceOfFlows
                        before={liveFlow}
                        after={flow}
                        names={["Live", `Version ${version.version}`]}
                      />
                    ),
                  },
                ]
              : []),
            {
              id: "canvas",
              label: "Canvas",
              content: (
                <Frame what="the canvas">
                  <FlowCanvas flow={flow} types={nodeTypes} readOnly />
                </Frame>
              ),
            },
            {
              id: "text",
              label: "Text",
              content: (
                <Frame what="the text">
                  <CodeEditor
                    text={text.data}
                    label={`Text of version ${version.version}`}
                    readOnly
                    problems={NO_PROBLEMS}
                  />
                </Frame>
              ),
            },
          ]}
        />
      )}
      {mayEdit && !version.live && <RollBack version={version} onDone={onClose} />}
    </Dialog>
  );
}

const NO_PROBLEMS: never[] = [];

function Frame({ what, children }: { what: string; children: React.ReactNode }) {
  return (
    <div style={{ height: "55vh" }}>
      <Suspense fallback={<Loading what={what} />}>{children}</Suspense>
    </div>
  );
}

/** A version never changes. */
function useVersionText(flow: string, version: number) {
  return useQuery({
    queryKey: ["flow-version", flow, version],
    queryFn: () => readVersion(flow, version),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function RollBack({ version, onDone }: { version: Published; onDone(): void }) {
  const { name } = useEditor();
  const queries = useQueryClient();
  const { notify } = useNotifications();
  const [note, setNote] = useState("");
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const [key] = useState(() => crypto.randomUUID());
  const start = async () => {
    setBusy(true);
    setFailed("");
    try {
      const published = await rollBack(name, version.version, note, key);
      notify({
        type: "success",
        header: `Version ${version.version} of ${name} is live again, as version ${published.version}`,
        content: (
          <>
            The draft stays as it is. <PageLink to={`/flows/${name}?panel=versions`}>See its versions</PageLink>
          </>
        ),
      });
      for (const queryKey of [["flow", name], ["flows"], ["flow-versions", name]])
        void queries.invalidateQueries({ queryKey });
      onDone();
    } catch (error) {
      setFailed(`Nothing was changed. ${explain(error)}`);
      setBusy(false);
    }
  };
  return (
    <SpaceBetween size="s">
      {failed && <Alert type="error">{failed}</Alert>}
      <FormField label="Note" description="Why you go back, for the list of versions. You can leave it out.">
        <Input value={note} onChange={({ detail }) => setNote(detail.value.slice(0, 500))} />
      </FormField>
      <Button loading={busy} loadingText="Rolling back" onClick={() => void start()}>
        Make version {version.version} live again
      </Button>
    </SpaceBetween>
  );
}
