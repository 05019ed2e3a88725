import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useParams } from "react-router";
import { explain } from "../api/problems";
import { hasRole, useMe } from "../app/context";
import { Loading } from "../app/loading";
import { PageLink } from "../app/page-link";
import { parseFlow } from "../flow-text/flow-text";
import { useStoredLayout } from "./canvas/stored-layout";
import { DraftProvider, useStoredDraft } from "./drafts/draft-provider";
import { EditorFrame } from "./editor-frame";
import { EditorProvider } from "./editor-provider";
import { useNodeTypes } from "./node-types-query";
import { readLive } from "./publishing/publish-server";

/** `/flows/:flow`: loads what the editor needs. */
export function EditorPage() {
  const { flow = "" } = useParams();
  return <LoadedEditor key={flow} flow={flow} />;
}

function LoadedEditor({ flow }: { flow: string }) {
  const me = useMe();
  const draft = useStoredDraft(flow);
  const types = useNodeTypes();
  const layout = useStoredLayout(flow);
  const isBroken = useMemo(() => draft.data !== undefined && parseFlow(draft.data.text).flow === null, [draft.data]);
  const live = useLive(flow, isBroken);
  const needed = [me, draft, types, layout, live];
  const failed = needed.filter(({ isError, data }) => isError && data === undefined);
  if (failed.length > 0) {
    return (
      <Box padding="xxl">
        <Alert
          type="error"
          header={`The flow ${flow} cannot be opened`}
          action={
            <Button
              loading={failed.some(({ isFetching }) => isFetching)}
              onClick={() => {
                for (const each of failed) void each.refetch();
              }}
            >
              Try again
            </Button>
          }
        >
          {explain(failed[0]?.error)} <PageLink to="/flows">See all flows</PageLink>
        </Alert>
      </Box>
    );
  }
  if (!me.data || !draft.data || !types.data || !layout.data || (isBroken && !live.data))
    return <Loading what="the flow" />;
  return (
    <EditorProvider
      name={flow}
      initialText={draft.data.text}
      initialPlaces={layout.data.places}
      initialView={isBroken ? "text" : window.matchMedia("(max-width: 699px)").matches ? "outline" : "canvas"}
      lastGood={live.data?.flow ?? null}
      mayEdit={hasRole(me.data, "editor")}
      nodeTypes={types.data}
    >
      <DraftProvider stored={draft.data}>
        <EditorFrame layout={layout.data} />
      </DraftProvider>
    </EditorProvider>
  );
}

/** The live version, which is the last good state of a flow whose draft is broken. */
function useLive(flow: string, isNeeded: boolean) {
  return useQuery({
    queryKey: ["live", flow],
    queryFn: async () => {
      const { text } = await readLive(flow);
      return { flow: text === null ? null : parseFlow(text).flow };
    },
    enabled: isNeeded,
    gcTime: 0,
  });
}
