import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ApiProblem, explain } from "../../api/problems";
import { useMe } from "../../app/context";
import { FormDialog } from "../../app/dialog";
import { Loading } from "../../app/loading";
import { useNotifications } from "../../app/notifications";
import { PageLink } from "../../app/page-link";
import { parseFlow } from "../../flow-text/flow-text";
import { useDraft } from "../drafts/draft-provider";
import { draftEtag, type FlowDetail } from "../drafts/draft-server";
import type { Stored } from "../drafts/draft-state";
import { timeWords } from "../drafts/texts";
import { type Findings, useEditor } from "../editor-state";
import { DifferenceOfFlows } from "./difference-list";
import { FindingList } from "./problems-panel";
import { publish, readLive } from "./publish-server";

interface Ready {
  draft: Stored;
  live: { detail: FlowDetail; text: string | null };
  findings: Findings;
}

/** What publishing would change, and what stands against it. The draft that is shown is the one that is published. */
export function PublishDialog({ onClose }: { onClose(): void }) {
  const { name } = useEditor();
  const draft = useDraft();
  const me = useMe().data?.name;
  const queries = useQueryClient();
  const { notify } = useNotifications();
  const [ready, setReady] = useState<Ready | null>(null);
  const [failed, setFailed] = useState("");
  const [note, setNote] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [key] = useState(() => crypto.randomUUID());
  // Someone else saved: their text is shown beside this one, and the user decides before anything is published.
  const seeTheirs = () => {
    onClose();
    draft.look();
  };
  const begin = useRef(async () => {
    try {
      const stored = await draft.saved();
      if (!stored) return setFailed("Your changes are not saved, so they cannot be published. Save them first.");
      const [live, findings] = await Promise.all([readLive(name), draft.check()]);
      if (etagOf(live.detail) !== stored.etag) return seeTheirs();
      setReady({ draft: stored, live, findings });
    } catch (error) {
      setFailed(explain(error));
    }
  });
  useEffect(() => void begin.current(), []);

  const others = ready !== null && ready.draft.etag !== null && ready.draft.by !== me;
  const isEqual = ready !== null && (ready.draft.etag === null || ready.draft.text === ready.live.text);
  const broken = ready !== null && ready.findings.problems.length > 0;
  const mayPublish = ready !== null && !isEqual && !broken && (!others || agreed);

  const send = async () => {
    if (!ready?.draft.etag) return;
    setBusy(true);
    setFailed("");
    try {
      const published = await publish(name, ready.draft.etag, note, key);
      notify({
        id: `published ${name}`,
        type: "success",
        header: `Version ${published.version} of ${name} is live`,
        content: (
          <>
            New conversations begin with it. Those that are under way stay on their version.{" "}
            <PageLink to={`/flows/${name}?panel=versions`}>See its versions</PageLink>
          </>
        ),
      });
      for (const queryKey of [["flow", name], ["flows"], ["flow-versions", name]]) {
        void queries.invalidateQueries({ queryKey });
      }
      onClose();
    } catch (error) {
      if (error instanceof ApiProblem && error.kind === "edit-conflict") {
        seeTheirs();
        return;
      }
      setFailed(`Nothing was published. ${explain(error)}`);
      setBusy(false);
    }
  };

  return (
    <FormDialog
      size="large"
      title={`Publish ${name}`}
      onClose={onClose}
      action="Publish"
      busy={busy}
      busyText="Publishing"
      disabled={!mayPublish}
      failure={failed}
      onSubmit={() => void send()}
    >
      {!ready && !failed && <Loading what="what would change" />}
      {ready && broken && (
        <Alert type="error" header="The flow cannot be published yet">
          <FindingList findings={{ ...ready.findings, warnings_found: [] }} onGo={onClose} />
        </Alert>
      )}
      {ready && ready.findings.warnings.length > 0 && <FindingList findings={{ ...ready.findings, problems: [] }} />}
      {ready && isEqual && <Alert type="info">There is nothing to publish: the text is the live version.</Alert>}
      {ready && !isEqual && (
        <SpaceBetween size="m">
          <Changes ready={ready} others={others} />
          <Master detail={ready.live.detail} />
          {others && (
            <Checkbox checked={agreed} onChange={({ detail }) => setAgreed(detail.checked)}>
              I have seen the changes of {ready.draft.by} and want to publish them
            </Checkbox>
          )}
          <FormField label="Note" description="What changes, for the list of versions. You can leave it out.">
            <Input value={note} onChange={({ detail }) => setNote(detail.value.slice(0, 500))} />
          </FormField>
        </SpaceBetween>
      )}
    </FormDialog>
  );
}

/** The ETag of the draft, as `useDraft` has it; null where there is none. */
function etagOf({ draft }: FlowDetail): string | null {
  return draft ? draftEtag(draft.revision) : null;
}

function Changes({ ready, others }: { ready: Ready; others: boolean }) {
  const { draft, live } = ready;
  const after = parseFlow(draft.text).flow;
  const before = live.text === null ? null : parseFlow(live.text).flow;
  return (
    <SpaceBetween size="s">
      <Header
        variant="h3"
        description={`Last saved by ${others ? draft.by : "you"} on ${timeWords(draft.at)}. ${
          live.detail.version ? `Version ${live.detail.version} is live.` : "This flow was not live before."
        }`}
      >
        What changes
      </Header>
      {others && <Alert type="warning">The last changes of this draft are not yours but those of {draft.by}.</Alert>}
      {after && <DifferenceOfFlows before={before} after={after} names={["Live", "Draft"]} />}
    </SpaceBetween>
  );
}

function Master({ detail }: { detail: FlowDetail }) {
  if (detail.master !== "deploy") return null;
  return (
    <Alert type="info" header="This flow comes from the files of the deployment">
      After publishing, the version of the console counts. When someone changes the file later, the next deploy stops
      and names both versions. Tell whoever keeps the files, so that they take over your change.
    </Alert>
  );
}
