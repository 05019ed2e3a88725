import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { Dialog } from "../../app/dialog";
import { useNotifications } from "../../app/notifications";
import { useDraft } from "../drafts/draft-provider";
import { type Findings, useEditor } from "../editor-state";
import { countWords, FindingList } from "./problems-panel";

/** Checks the flow, and shows what was found. Its label counts the problems. */
export function CheckButton() {
  const { findings } = useEditor();
  const { check } = useDraft();
  const { fail } = useNotifications();
  const [shown, setShown] = useState<Findings | null>(null);
  const [busy, setBusy] = useState(false);
  const count = findings?.problems.length ?? 0;
  const start = async () => {
    setBusy(true);
    try {
      setShown(await check());
    } catch (error) {
      fail("The flow could not be checked", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button loading={busy} loadingText="Checking" onClick={() => void start()}>
        {count > 0 ? `Check (${count})` : "Check"}
      </Button>
      {shown && (
        <Dialog title={countWords(shown)} onClose={() => setShown(null)}>
          {shown.problems.length + shown.warnings.length === 0 ? (
            "The flow can be published."
          ) : (
            <FindingList findings={shown} onGo={() => setShown(null)} />
          )}
        </Dialog>
      )}
    </>
  );
}
