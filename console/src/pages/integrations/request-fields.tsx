import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import type { Json } from "../../flow-text/flow-text";
import { parametersOf } from "./definition";
import type { FieldsProps } from "./fields-props";
import { PairsField } from "./pairs-field";
import { PartsField } from "./parts-field";

const BODIES = [
  { value: "", label: "Nothing" },
  { value: "multipart/form-data", label: "Files and values (multipart/form-data)" },
  { value: "application/json", label: "JSON" },
  { value: "application/x-www-form-urlencoded", label: "Form fields" },
];

/** What the call sends: nothing, JSON, form fields, or files and values. */
export function RequestFields({ definition, readOnly, set }: FieldsProps) {
  const { request = {} } = definition;
  const kind = request.content_type ?? "";
  const parameters = parametersOf(definition);

  function setBody(next: string) {
    const kept: Record<string, Json> = next ? { content_type: next } : {};
    if (next === "multipart/form-data")
      kept.parts = (request.parts ?? [{ name: "file", file: "[[file]]" }]) as unknown as Json;
    if (next === "application/json") kept.body = (request.body ?? {}) as Json;
    if (next === "application/x-www-form-urlencoded") kept.fields = (request.fields ?? {}) as Json;
    set(["request"], next ? kept : undefined);
  }

  return (
    <Container header={<Header variant="h2">What is sent</Header>}>
      <SpaceBetween size="m">
        <FormField label="Body">
          <RadioGroup
            value={kind}
            readOnly={readOnly}
            items={BODIES}
            ariaLabel="Body"
            onChange={({ detail }) => setBody(detail.value)}
          />
        </FormField>
        {kind === "multipart/form-data" ? (
          <PartsField
            parts={request.parts ?? []}
            readOnly={readOnly}
            onChange={(next) => set(["request", "parts"], next as unknown as Json)}
          />
        ) : null}
        {kind === "application/json" ? (
          <JsonField
            label="JSON"
            description={'Texts may hold variables, such as {"plate": "[[plate]]"}.'}
            value={request.body as Json}
            readOnly={readOnly}
            onChange={(next) => set(["request", "body"], next)}
          />
        ) : null}
        {kind === "application/x-www-form-urlencoded" ? (
          <PairsField
            label="Fields"
            entries={request.fields ?? {}}
            readOnly={readOnly}
            onChange={(next) => set(["request", "fields"], next ?? {})}
          />
        ) : null}
        <Box color="text-body-secondary">
          {parameters.length > 0
            ? `A flow gives it: ${parameters.map((each) => `${each.name}${each.file ? " (a file)" : ""}`).join(", ")}.`
            : "A flow gives it nothing."}
        </Box>
      </SpaceBetween>
    </Container>
  );
}

function JsonField(props: {
  label: string;
  description: string;
  value: Json;
  readOnly: boolean;
  onChange: (value: Json) => void;
}) {
  const [draft, setDraft] = useState(() => JSON.stringify(props.value ?? {}, null, 2));
  const [mistake, setMistake] = useState("");
  return (
    <FormField label={props.label} description={props.description} stretch errorText={mistake}>
      <Textarea
        rows={8}
        value={draft}
        readOnly={props.readOnly}
        spellcheck={false}
        onChange={({ detail }) => {
          setDraft(detail.value);
          try {
            props.onChange(JSON.parse(detail.value) as Json);
            setMistake("");
          } catch {
            setMistake("This is not JSON yet; the last text that was is kept.");
          }
        }}
      />
    </FormField>
  );
}
