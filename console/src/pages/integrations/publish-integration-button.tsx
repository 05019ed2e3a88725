import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../../api/client";
import { ApiProblem, explain } from "../../api/problems";
import type { components } from "../../api/schema";
import { FormDialog } from "../../app/dialog";
import { useNotifications } from "../../app/notifications";
import { findingWords } from "../../editor/finding-words";

interface Props {
  name: string;
  text: string;
  live: { etag: string } | null;
  disabled: boolean;
  onPublished: () => void;
}

type Finding = components["schemas"]["Finding"];

/** Publishes an integration, and with it every live flow that calls it: all of them, or none. */
export function PublishIntegrationButton({ name, text, live, disabled, onPublished }: Props) {
  const queries = useQueryClient();
  const { notify } = useNotifications();
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  async function publish() {
    setBusy(true);
    setFailure(null);
    try {
      const headers: Record<string, string> = live ? { "If-Match": live.etag } : { "If-None-Match": "*" };
      const published = await unwrap(
        api().PUT("/integrations/{integration}", {
          params: { path: { integration: name }, query: note ? { note } : {}, header: headers },
          headers: { "Content-Type": "application/yaml" },
          body: text as never,
          bodySerializer: (body) => body as unknown as string,
        }),
      );
      onPublished();
      const flows = published.flows.length;
      notify({
        type: published.warnings.length ? "warning" : "success",
        header: `Version ${published.version} of ${name} is live${flows ? `, and ${flows} ${flows === 1 ? "flow" : "flows"} with it` : ""}`,
        content: published.warnings_found.map((each) => findingWords(each, null, []).what).join(" "),
      });
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["integrations"] }),
        queries.invalidateQueries({ queryKey: ["integration", name] }),
      ]);
      setOpen(false);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button variant="primary" disabled={disabled} onClick={() => setOpen(true)}>
        Publish
      </Button>
      {open ? (
        <FormDialog
          title={`Publish ${name}`}
          onClose={() => setOpen(false)}
          action="Publish"
          busy={busy}
          busyText="Publishing"
          failure={failure ? <Failure error={failure} /> : null}
          failureTitle={isConflict(failure) ? "Someone else published it meanwhile" : "It was not published"}
          onSubmit={() => void publish()}
        >
          <Box>
            The next call uses this version. Every live flow that calls it is published again with it; sessions that run
            already stay on the version that they began with.
          </Box>
          <FormField label="Note" description="What changed and why, for those who read the versions. Optional.">
            <Input value={note} onChange={({ detail }) => setNote(detail.value)} />
          </FormField>
        </FormDialog>
      ) : null}
    </>
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiProblem && error.kind === "edit-conflict";
}

function Failure({ error }: { error: unknown }) {
  const problems = error instanceof ApiProblem ? ((error.extra.problems as Finding[] | undefined) ?? []) : [];
  return (
    <>
      {isConflict(error)
        ? "Close this and reload the page: your changes stay in this browser, and you can compare them."
        : explain(error)}
      {problems.length > 0 ? (
        <ul>
          {problems.map((problem) => (
            <li key={`${problem.flow} ${problem.node} ${problem.field} ${problem.message}`}>
              {[problem.flow && `Flow ${problem.flow}`, findingWords(problem, null, []).where]
                .filter(Boolean)
                .join(", ")}
              {problem.line ? ` (line ${problem.line})` : ""}: {findingWords(problem, null, []).what}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}
