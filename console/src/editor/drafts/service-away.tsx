import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { useApp } from "../../app/context";
import type { DraftState } from "./draft-state";

/** The banner while nothing can be saved. */
export function ServiceAway({ state, onRetry }: { state: DraftState; onRetry(): void }) {
  const { session } = useApp();
  if (state.trouble?.kind === "signed-out") {
    return (
      <Alert
        type="warning"
        header="Your session has ended"
        action={<Button onClick={() => void session.signIn()}>Sign in again</Button>}
      >
        Your changes are kept in this browser. Sign in again, and you go on where you were.
      </Alert>
    );
  }
  if (state.trouble?.kind !== "away" || state.failures < 2) return null;
  return (
    <Alert type="warning" header="The service cannot be reached" action={<Button onClick={onRetry}>Try again</Button>}>
      You can go on working. Your changes are kept in this browser and saved as soon as the service answers.
    </Alert>
  );
}
