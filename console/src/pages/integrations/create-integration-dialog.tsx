import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Tabs from "@cloudscape-design/components/tabs";
import Textarea from "@cloudscape-design/components/textarea";
import Tiles from "@cloudscape-design/components/tiles";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, unwrap } from "../../api/client";
import { explain } from "../../api/problems";
import { FormDialog } from "../../app/dialog";
import { setFlowField } from "../../flow-text/flow-text";
import { type Kind, nameProblem, newDefinition, readDefinition } from "./definition";
import { useIntegrations } from "./integrations-page";
import { storeUnpublished } from "./unpublished";

type Way = "blank" | "curl" | "yaml";

interface Props {
  onClose: () => void;
  /** Called with the name of the new integration, whose page opens otherwise. */
  onCreated?: (name: string) => void;
}

/** Begins a new integration: from blank, from a curl command, or from YAML. Nothing is published yet. */
export function CreateIntegrationDialog({ onClose, onCreated }: Props) {
  const navigate = useNavigate();
  const existing = useIntegrations().data ?? [];
  const [way, setWay] = useState<Way>("blank");
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState<Kind>("upload");
  const [curl, setCurl] = useState("");
  const [yaml, setYaml] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");

  const problem = nameProblem(
    name,
    existing.map((each) => each.name),
  );

  async function create() {
    setTried(true);
    setFailure("");
    if (problem) return;
    setBusy(true);
    try {
      const { text, warnings } = await begin();
      storeUnpublished(name, { text, warnings, etag: null });
      onClose();
      if (onCreated) onCreated(name);
      else navigate(`/integrations/${name}`);
    } catch (error) {
      setFailure(explain(error));
      setBusy(false);
    }
  }

  async function begin(): Promise<{ text: string; warnings: string[] }> {
    if (way === "blank") return { text: newDefinition(name, title, kind), warnings: [] };
    let [text, warnings] = [yaml, [] as string[]];
    if (way === "curl") {
      const answer = await unwrap(api().POST("/integrations/from-curl", { body: { curl } }));
      if (!("yaml" in answer))
        throw new Error("The command was read already, and its result is not stored. Try again.");
      ({ yaml: text, warnings } = answer);
    }
    const { definition, errors } = readDefinition(text);
    if (!definition) throw new Error(`Line ${errors[0]?.line ?? 1} cannot be read: ${errors[0]?.message ?? ""}`);
    text = setFlowField(text, ["integration"], name);
    return { text: title ? setFlowField(text, ["title"], title) : text, warnings };
  }

  return (
    <FormDialog
      size="large"
      title="Create an integration"
      onClose={onClose}
      action="Go on"
      busy={busy}
      busyText="Reading what you gave"
      failure={failure}
      onSubmit={() => void create()}
    >
      <FormField
        label="Name"
        description="Flows refer to it by this name, which cannot be changed later."
        constraintText="Small letters, digits and -, such as photo-upload."
        errorText={tried ? problem : ""}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label="Title" description="A few words for people. Optional.">
        <Input value={title} onChange={({ detail }) => setTitle(detail.value)} />
      </FormField>
      <Tabs
        activeTabId={way}
        onChange={({ detail }) => setWay(detail.activeTabId as Way)}
        ariaLabel="How to begin"
        tabs={[
          {
            id: "blank",
            label: "From blank",
            content: (
              <Tiles
                value={kind}
                onChange={({ detail }) => setKind(detail.value as Kind)}
                ariaLabel="What the call does"
                items={[
                  { value: "upload", label: "Hand in a file", description: "Uploads the file that a customer sent." },
                  {
                    value: "send",
                    label: "Send or ask for values",
                    description: "Sends JSON, and reads the answer.",
                  },
                  {
                    value: "download",
                    label: "Fetch a file",
                    description: "Downloads a file to send to the customer.",
                  },
                ]}
              />
            ),
          },
          {
            id: "curl",
            label: "From a curl command",
            content: (
              <FormField
                label="curl command"
                stretch
                description="As the documentation of an API shows it. Keys and passwords in it are not stored: each becomes a secret that you set afterwards."
              >
                <Textarea
                  rows={8}
                  value={curl}
                  onChange={({ detail }) => setCurl(detail.value)}
                  spellcheck={false}
                  placeholder={
                    'curl -X POST https://api.example.com/files \\\n  -H "Authorization: Bearer ..." \\\n  -F "file=@photo.jpg"'
                  }
                />
              </FormField>
            ),
          },
          {
            id: "yaml",
            label: "From YAML",
            content: (
              <FormField label="YAML" stretch>
                <Textarea rows={10} value={yaml} onChange={({ detail }) => setYaml(detail.value)} spellcheck={false} />
              </FormField>
            ),
          },
        ]}
      />
    </FormDialog>
  );
}
