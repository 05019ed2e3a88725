import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, explain } from "../../api/problems";
import { FormDialog } from "../../app/dialog";
import { useNotifications } from "../../app/notifications";
import { act, type Conversation, type SessionAction } from "./session-requests";

const WORDS: Record<SessionAction, { button: string; question: string; effect: string }> = {
  retry: {
    button: "Retry",
    question: "Enter the node again?",
    effect: "A node that waits asks again. An interrupted session goes on where it was, and a held call is tried now.",
  },
  "give-up": {
    button: "Give up",
    question: "Give this node up?",
    effect: "The session leaves its node by the exit for failures. Without one, it ends, and the contact is told so.",
  },
  pause: {
    button: "Pause",
    question: "Pause the session?",
    effect: "The bot is silent while a person of the business talks to the contact. Nothing that comes is lost.",
  },
  resume: {
    button: "Resume",
    question: "Resume the session?",
    effect: "The bot goes on where it was, and waits for the next answer.",
  },
  stop: {
    button: "Stop",
    question: "Stop the session?",
    effect: "It ends at once, without a message to the contact. This cannot be undone.",
  },
};

/** What can be done in this state. */
export function actionsFor(state: Conversation["session"]["state"]): SessionAction[] {
  if (state === "ended") return [];
  if (state === "unreadable") return ["stop"];
  return state === "paused" ? ["resume", "retry", "give-up", "stop"] : ["retry", "give-up", "pause", "stop"];
}

interface Props {
  conversation: Conversation;
  etag: string;
}

/** The actions on a running session; each asks first. */
export function SessionActions({ conversation, etag }: Props) {
  const [asked, setAsked] = useState<{ action: SessionAction; etag: string } | null>(null);
  return (
    <>
      <SpaceBetween size="xs" direction="horizontal">
        {actionsFor(conversation.session.state).map((action) => (
          <Button key={action} onClick={() => setAsked({ action, etag })}>
            {WORDS[action].button}
          </Button>
        ))}
      </SpaceBetween>
      {asked && <Confirmation {...asked} conversation={conversation} onDismiss={() => setAsked(null)} />}
    </>
  );
}

function Confirmation({
  action,
  conversation: { conversation, session },
  etag,
  onDismiss,
}: Props & { action: SessionAction; onDismiss(): void }) {
  const queries = useQueryClient();
  const { notify } = useNotifications();
  const [apply, setApply] = useState(false);
  const { button, question, effect } = WORDS[action];
  const ask = useMutation({
    mutationFn: () => act(action, conversation, etag, apply ? "apply" : "skip"),
    onSuccess: () => {
      notify({ type: "success", header: `${button}: asked for`, content: "It is carried out in a moment." });
      onDismiss();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["conversation", conversation] }),
  });
  const moved = ask.error instanceof ApiProblem && ask.error.kind === "edit-conflict";
  const kept = session.paused?.kept ?? 0;
  return (
    <FormDialog
      title={question}
      onClose={onDismiss}
      action={button}
      busy={ask.isPending}
      busyText={`${button}: asking`}
      disabled={moved}
      failure={
        ask.error &&
        (moved
          ? "The session has moved on since you opened this. Close it, look at the chat, then decide."
          : explain(ask.error))
      }
      failureTitle="Not done"
      onSubmit={ask.mutate}
    >
      <Box>{effect}</Box>
      {action === "resume" && kept > 0 && (
        <Checkbox checked={apply} onChange={({ detail }) => setApply(detail.checked)}>
          The flow takes what came meanwhile as answers now ({kept === 1 ? "1 message" : `${kept} messages`})
        </Checkbox>
      )}
    </FormDialog>
  );
}
