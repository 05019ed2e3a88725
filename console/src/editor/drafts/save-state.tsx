import Button from "@cloudscape-design/components/button";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useRole } from "../../app/context";
import { useEditor } from "../editor-state";
import { useDraft } from "./draft-provider";
import type { DraftState } from "./draft-state";

interface Words {
  type: StatusIndicatorProps.Type;
  text: string;
}

/** What the user is told of the state of the draft. */
export function wordsOf(state: DraftState, unsaved: boolean, isBroken: boolean): Words {
  if (state.conflict) return { type: "error", text: "Not saved: someone else changed this draft" };
  if (state.trouble?.kind === "signed-out") return { type: "error", text: "Not saved: your session has ended" };
  if (state.trouble?.kind === "empties") return { type: "error", text: "Not saved: no nodes are left" };
  // Of a broken text, the service says what the text view shows at the line.
  if (state.trouble?.kind === "refused" && isBroken)
    return { type: "error", text: "Not saved: the text has a mistake" };
  if (state.trouble?.kind === "refused") return { type: "error", text: `Not saved: ${state.trouble.why}` };
  if (state.trouble?.kind === "away") return { type: "warning", text: "Offline, trying again" };
  if (state.request) return { type: "in-progress", text: "Saving" };
  if (unsaved) return { type: "pending", text: "Not saved yet" };
  if (state.seen.etag === null) return { type: "success", text: "No changes" };
  return { type: "success", text: "Saved" };
}

/** Whether the draft is saved, in words, with what to do about it. Read out when it changes for the worse or is saved. */
export function SaveState() {
  const { state, unsaved, saveNow, decide } = useDraft();
  const { document } = useEditor();
  const mayEdit = useRole("editor");
  if (!mayEdit) return <StatusIndicator type="info">Read only</StatusIndicator>;
  const isBroken = document.flow === null;
  const { type, text } = wordsOf(state, unsaved, isBroken);
  const signedOut = state.trouble?.kind === "signed-out";
  return (
    <div style={{ display: "flex", alignItems: "center", gap: 8, flexWrap: "wrap" }}>
      <span role="status">
        <StatusIndicator type={type}>{text}</StatusIndicator>
      </span>
      {state.conflict && <Button onClick={decide}>Compare and decide</Button>}
      {unsaved && !signedOut && !isBroken && !state.conflict && !state.request && (
        <Button variant="inline-link" ariaLabel="Save now" onClick={saveNow}>
          Save now
        </Button>
      )}
    </div>
  );
}
