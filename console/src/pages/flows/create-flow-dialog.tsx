import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import FileInput from "@cloudscape-design/components/file-input";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiProblem, explain } from "../../api/problems";
import { FormDialog } from "../../app/dialog";
import { parseFlow } from "../../flow-text/flow-text";
import { EXAMPLES } from "./examples";
import { createDraft, readText, validate } from "./flow-requests";
import { type FlowHead, nameFromTitle, nameProblem } from "./flow-rules";
import { blankFlow, type Example, named } from "./new-flow";
import { ProblemList } from "./problem-list";

interface Props {
  flows: readonly FlowHead[];
  /** The new flow begins as a copy of this one. */
  copyOf?: FlowHead;
  onDismiss(): void;
}

type Source = "blank" | "file" | `example:${number}`;

/** Make a new flow: blank, from an example, from a YAML file, or as a copy. It is a draft, and opens in the editor. */
export function CreateFlowDialog({ flows, copyOf, onDismiss }: Props) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const taken = new Set(flows.map((flow) => flow.name));
  const [source, setSource] = useState<Source>("blank");
  const [file, setFile] = useState<Example | null>(null);
  const [title, setTitle] = useState(copyOf ? `${copyOf.title || copyOf.name} (copy)` : "");
  const [ownName, setOwnName] = useState<string | null>(null); // null: it follows the title
  const [submitted, setSubmitted] = useState(false);

  const copied = useQuery({
    queryKey: ["flow-text", copyOf?.name, copyOf?.version, copyOf?.draft?.revision],
    queryFn: () => readText(copyOf?.name ?? "", copyOf?.draft ? "draft" : (copyOf?.version ?? 0)),
    enabled: copyOf !== undefined,
  });
  const name = ownName ?? nameFromTitle(title, taken);
  const from = copyOf ? copied.data : source === "file" ? file?.text : EXAMPLES[Number(source.split(":")[1])]?.text;
  const missing = source === "file" && !file ? "Choose a YAML file." : "";
  const wrongName = nameProblem(name, taken);
  const wrongTitle = title.trim() ? "" : "Give the flow a title.";

  const create = useMutation({
    mutationFn: () => createDraft(name, from === undefined ? blankFlow(name, title) : named(from, name, title.trim())),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["flows"] });
      navigate(`/flows/${name}`);
    },
  });
  const submit = () => {
    setSubmitted(true);
    if (!wrongName && !wrongTitle && !missing && (!copyOf || copied.data !== undefined)) create.mutate();
  };
  const choose = (next: Source) => {
    setSource(next);
    const example = EXAMPLES[Number(next.split(":")[1])];
    if (example && (!title || EXAMPLES.some((each) => each.title === title))) setTitle(example.title);
  };
  const exists = create.error instanceof ApiProblem && create.error.kind === "edit-conflict";
  return (
    <FormDialog
      title={copyOf ? `Duplicate ${copyOf.title || copyOf.name}` : "Create a flow"}
      onClose={onDismiss}
      action="Create"
      busy={create.isPending}
      busyText="Creating the flow"
      failure={
        create.error &&
        (exists ? `Somebody has just made a flow "${name}". Choose another name.` : explain(create.error))
      }
      failureTitle="The flow was not created"
      onSubmit={submit}
    >
      {!copyOf && (
        <FormField label="Begin with">
          <RadioGroup
            value={source}
            onChange={({ detail }) => choose(detail.value as Source)}
            items={[
              { value: "blank", label: "A blank flow" },
              ...EXAMPLES.map((example, index) => ({
                value: `example:${index}`,
                label: `Example: ${example.title}`,
              })),
              { value: "file", label: "A YAML file of yours" },
            ]}
          />
        </FormField>
      )}
      {source === "file" && (
        <FileChoice
          file={file}
          error={submitted ? missing : ""}
          onFile={(next) => {
            setFile(next);
            const flow = parseFlow(next.text).flow;
            if (flow?.title) setTitle(flow.title);
            if (flow?.name) setOwnName(taken.has(flow.name) ? nameFromTitle(flow.name, taken) : flow.name);
          }}
        />
      )}
      {copied.error && (
        <Alert type="error" header="The flow to copy could not be read">
          {explain(copied.error)}
        </Alert>
      )}
      <FormField label="Title" description="What people read in lists." errorText={submitted && wrongTitle}>
        <Input value={title} onChange={({ detail }) => setTitle(detail.value)} />
      </FormField>
      <FormField
        label="Name"
        description="How other flows and routes refer to it. It never changes."
        constraintText="Small letters, digits and hyphens, such as damage-report."
        errorText={(submitted || ownName !== null) && wrongName}
      >
        <Input value={name} spellcheck={false} onChange={({ detail }) => setOwnName(detail.value)} />
      </FormField>
    </FormDialog>
  );
}

const MOST_BYTES = 400_000; // a document of the API has at most 256 KB

function FileChoice({ file, error, onFile }: { file: Example | null; error: string; onFile(file: Example): void }) {
  const [unreadable, setUnreadable] = useState("");
  const broken = file ? parseFlow(file.text).errors : [];
  const flow = file && broken.length === 0 ? parseFlow(file.text).flow : null;
  const findings = useQuery({
    queryKey: ["file-problems", file?.text],
    queryFn: () => validate(flow?.name ?? "", file?.text),
    enabled: /^[a-z][a-z0-9-]{0,63}$/.test(flow?.name ?? ""),
    gcTime: 0,
  });
  const read = async ([chosen]: File[]) => {
    if (!chosen) return;
    setUnreadable(chosen.size > MOST_BYTES ? "The file is too large for a flow." : "");
    if (chosen.size <= MOST_BYTES) onFile({ title: chosen.name, text: await chosen.text() });
  };
  return (
    <SpaceBetween size="s">
      <FormField label="File" errorText={unreadable || error}>
        <SpaceBetween size="xs" direction="horizontal" alignItems="center">
          <FileInput accept=".yaml,.yml" value={[]} onChange={({ detail }) => void read(detail.value)}>
            Choose a file
          </FileInput>
          <Box>{file?.title}</Box>
        </SpaceBetween>
      </FormField>
      {file && broken.length > 0 && (
        <Alert type="error" header="This file cannot be read">
          {broken.map(({ line, message }) => `Line ${line}: ${message}`).join("; ")}
        </Alert>
      )}
      {findings.data && findings.data.problems.length > 0 && (
        <Alert type="warning" header="The flow has problems. You can mend them in the editor.">
          <ProblemList problems={findings.data.problems} />
        </Alert>
      )}
      {findings.data?.problems.length === 0 && <Alert type="success">The flow has no problems.</Alert>}
    </SpaceBetween>
  );
}
