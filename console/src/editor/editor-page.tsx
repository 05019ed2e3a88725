import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { useParams } from "react-router";
import { explain } from "../api/problems";
import { useRole } from "../app/context";
import { Loading } from "../app/loading";
import { useStoredLayout } from "./canvas/stored-layout";
import { DraftProvider, useStoredDraft } from "./drafts/draft-provider";
import { EditorFrame } from "./editor-frame";
import { EditorProvider } from "./editor-provider";
import { useNodeTypes } from "./node-types-query";

/** `/flows/:flow`: loads what the editor needs. */
export function EditorPage() {
  const { flow = "" } = useParams();
  return <LoadedEditor key={flow} flow={flow} />;
}

function LoadedEditor({ flow }: { flow: string }) {
  const mayEdit = useRole("editor");
  const draft = useStoredDraft(flow);
  const types = useNodeTypes();
  const layout = useStoredLayout(flow);
  const error = draft.error ?? types.error ?? layout.error;
  if (error) {
    return (
      <Box padding="xxl">
        <Alert type="error" header={`The flow ${flow} cannot be opened`}>
          {explain(error)} <Link href="/flows">See all flows</Link>
        </Alert>
      </Box>
    );
  }
  if (!draft.data || !types.data || !layout.data) return <Loading what="the flow" />;
  return (
    <EditorProvider
      name={flow}
      initialText={draft.data.text}
      initialPlaces={layout.data.places}
      initialView={window.matchMedia("(max-width: 699px)").matches ? "outline" : "canvas"}
      mayEdit={mayEdit}
      nodeTypes={types.data}
    >
      <DraftProvider stored={draft.data}>
        <EditorFrame layout={layout.data} />
      </DraftProvider>
    </EditorProvider>
  );
}
