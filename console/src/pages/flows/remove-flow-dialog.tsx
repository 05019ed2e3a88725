import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { FormDialog } from "../../app/dialog";
import { deleteFlow, readFlow, unpublishFlow } from "./flow-requests";
import type { FlowHead } from "./flow-rules";
import { ProblemList } from "./problem-list";

interface Props {
  flow: FlowHead;
  action: "unpublish" | "delete";
  onDismiss(): void;
}

const WORDS = {
  unpublish: { verb: "Unpublish", done: "unpublished" },
  delete: { verb: "Delete", done: "deleted" },
};

/** Take a flow out of service, or delete it. What still uses it prevents that, and is named. */
export function RemoveFlowDialog({ flow, action, onDismiss }: Props) {
  const admin = useRole("admin");
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const [force, setForce] = useState(false);
  const detail = useQuery({ queryKey: ["flow", flow.name, "removal"], queryFn: () => readFlow(flow.name), gcTime: 0 });
  const remove = useMutation({
    mutationFn: () => {
      const etag = detail.data?.etag ?? "";
      return action === "delete"
        ? deleteFlow(flow.name, { etag, force })
        : unpublishFlow(flow.name, note.trim(), { etag, force });
    },
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: ["flow", flow.name] });
      void queries.invalidateQueries({ queryKey: ["draft", flow.name] });
      await queries.invalidateQueries({ queryKey: ["flows"] });
      onDismiss();
    },
    onError: () => void detail.refetch(),
  });
  const { verb, done } = WORDS[action];
  const inUse = remove.error instanceof ApiProblem && ["flow-in-use", "invalid-flow"].includes(remove.error.kind);
  const title = flow.title || flow.name;
  return (
    <FormDialog
      title={`${verb} ${title}?`}
      onClose={onDismiss}
      action={verb}
      busy={remove.isPending}
      busyText={`${verb}: under way`}
      disabled={!detail.data || (inUse && !force)}
      failure={remove.error && <Refusal error={remove.error} />}
      failureTitle={`The flow was not ${done}`}
      onSubmit={remove.mutate}
    >
      <Box>
        {action === "unpublish"
          ? "No new conversation begins with it. Its draft stays, and those who are in it now can finish."
          : "The flow and its draft are deleted. This cannot be undone in the console."}
      </Box>
      {detail.isPending && <StatusIndicator type="loading">Looking who uses it</StatusIndicator>}
      {detail.data && detail.data.data.running > 0 && !inUse && <Running count={detail.data.data.running} />}
      {action === "unpublish" && (
        <FormField label="Why" description="Optional. Others see it in the list of what was done.">
          <Input value={note} onChange={({ detail }) => setNote(detail.value.slice(0, 500))} />
        </FormField>
      )}
      {detail.error && <Alert type="error">{explain(detail.error)}</Alert>}
      {inUse &&
        (admin ? (
          <Checkbox checked={force} onChange={({ detail }) => setForce(detail.checked)}>
            {verb} it although it is in use
          </Checkbox>
        ) : (
          <Box>An administrator can do it although it is in use.</Box>
        ))}
    </FormDialog>
  );
}

function Running({ count }: { count: number }) {
  return (
    <StatusIndicator type="warning">
      {count === 1 ? "One conversation is in this flow now." : `${count} conversations are in this flow now.`}
    </StatusIndicator>
  );
}

function Refusal({ error }: { error: Error }) {
  if (!(error instanceof ApiProblem)) return explain(error);
  if (error.kind === "flow-in-use") {
    return <Running count={Number(error.extra.running ?? 1)} />;
  }
  if (error.kind === "invalid-flow") {
    return (
      <>
        What is live would no longer be whole without it:
        <ProblemList
          problems={(error.extra.problems ?? []) as { flow: string; node: string; message: string }[]}
          withFlow
        />
      </>
    );
  }
  if (error.kind === "edit-conflict") return "Somebody has just changed it. Look at it again, then decide.";
  return explain(error);
}
