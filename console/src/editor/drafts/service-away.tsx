import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { useApp } from "../../app/context";
import { useDraft } from "./draft-provider";

/** The banner while nothing can be saved. */
export function ServiceAway() {
  const { session } = useApp();
  const { state, saveNow } = useDraft();
  if (state.trouble?.kind === "signed-out") {
    return (
      <div className="editor-notice">
        <Alert
          type="warning"
          header="Your session has ended"
          action={<Button onClick={() => void session.signIn()}>Sign in again</Button>}
        >
          Your changes are kept in this browser. Sign in again, and you go on where you were.
        </Alert>
      </div>
    );
  }
  if (state.trouble?.kind !== "away" || state.failures < 2) return null;
  return (
    <div className="editor-notice">
      <Alert
        type="warning"
        header="The service cannot be reached"
        action={<Button onClick={saveNow}>Try again</Button>}
      >
        You can go on working. Your changes are kept in this browser and saved as soon as the service answers.
      </Alert>
    </div>
  );
}
