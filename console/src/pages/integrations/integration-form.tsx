import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useState } from "react";
import { useNotifications } from "../../app/notifications";
import { type Json, setFlowField } from "../../flow-text/flow-text";
import { type Definition, type Part, parametersOf } from "./definition";

interface Props {
  text: string;
  definition: Definition;
  readOnly: boolean;
  onChange: (text: string) => void;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"].map((value) => ({ value }));
const BODIES = [
  { value: "", label: "Nothing" },
  { value: "multipart/form-data", label: "Files and values (multipart/form-data)" },
  { value: "application/json", label: "JSON" },
  { value: "application/x-www-form-urlencoded", label: "Form fields" },
];

/** Edits an integration's YAML field by field; comments and what a field does not concern stay as they are. */
export function IntegrationForm({ text, definition, readOnly, onChange }: Props) {
  const { fail } = useNotifications();
  const set = (path: (string | number)[], value: Json | undefined) => {
    try {
      onChange(setFlowField(text, path, value));
    } catch (error) {
      fail("This field was not changed", error);
    }
  };
  const { request = {}, response = {} } = definition;
  const kind = request.content_type ?? "";
  const isFile = response.content_type === "file";
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
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">The call</Header>}>
        <SpaceBetween size="m">
          <FormField label="Title" description="A few words for people.">
            <Input
              value={definition.title ?? ""}
              readOnly={readOnly}
              onChange={({ detail }) => set(["title"], detail.value || undefined)}
            />
          </FormField>
          <Grid gridDefinition={[{ colspan: { default: 12, xs: 3 } }, { colspan: { default: 12, xs: 9 } }]}>
            <FormField label="Method">
              <Select
                selectedOption={{ value: definition.method }}
                options={METHODS}
                disabled={readOnly}
                onChange={({ detail }) => set(["method"], detail.selectedOption.value ?? "GET")}
              />
            </FormField>
            <FormField
              label="Address"
              stretch
              description="[[name]] inserts a value that the flow gives. The host is written out, or one [[deployment:name]] at the start."
            >
              <Input
                value={definition.url ?? ""}
                readOnly={readOnly}
                spellcheck={false}
                onChange={({ detail }) => set(["url"], detail.value)}
              />
            </FormField>
          </Grid>
          <Pairs
            label="Headers"
            description="[[secret:name]] inserts a secret, whose value is never shown here."
            entries={definition.headers ?? {}}
            readOnly={readOnly}
            onChange={(next) => set(["headers"], next)}
          />
          <Pairs
            label="Query"
            description="What is added to the address after the question mark. The same name twice repeats it."
            entries={definition.query ?? {}}
            readOnly={readOnly}
            onChange={(next) => set(["query"], next)}
          />
        </SpaceBetween>
      </Container>

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
            <Parts
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
            <Pairs
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

      <Container header={<Header variant="h2">What comes back</Header>}>
        <SpaceBetween size="m">
          <FormField label="Response">
            <RadioGroup
              value={isFile ? "file" : "application/json"}
              readOnly={readOnly}
              ariaLabel="Response"
              items={[
                { value: "application/json", label: "Values (JSON)" },
                { value: "file", label: "A file, which a Media node can send" },
              ]}
              onChange={({ detail }) => set(["response", "content_type"], detail.value)}
            />
          </FormField>
          {isFile ? (
            <FormField label="Name of the file" description="Empty: as the API names it. May hold variables.">
              <Input
                value={response.filename ?? ""}
                readOnly={readOnly}
                onChange={({ detail }) => set(["response", "filename"], detail.value || undefined)}
              />
            </FormField>
          ) : (
            <FormField
              label="Base element"
              description="The part of the answer that becomes variables: a JSONPath, such as $.claim."
            >
              <Input
                value={response.base_element ?? "$"}
                readOnly={readOnly}
                spellcheck={false}
                onChange={({ detail }) =>
                  set(["response", "base_element"], detail.value === "$" ? undefined : detail.value)
                }
              />
            </FormField>
          )}
          <FormField
            label="Element validation"
            description="HTTP_RESPONSE_CODE: the status decides between the exits success and failure. A JSONPath, such as $.status: each value has an exit of its own in the node."
          >
            <Input
              value={response.element_validation ?? "HTTP_RESPONSE_CODE"}
              readOnly={readOnly}
              spellcheck={false}
              onChange={({ detail }) =>
                set(
                  ["response", "element_validation"],
                  detail.value === "HTTP_RESPONSE_CODE" ? undefined : detail.value,
                )
              }
            />
          </FormField>
          <StatusCodes
            value={response.success ?? []}
            readOnly={readOnly}
            onChange={(next) => set(["response", "success"], next.length ? next : undefined)}
          />
        </SpaceBetween>
      </Container>

      <ExpandableSection headerText="Time and attempts" variant="container">
        <SpaceBetween size="m">
          <FormField label="Time for one attempt" description="Such as 20s; at most 60s.">
            <Input
              value={String(definition.timeout ?? "20s")}
              readOnly={readOnly}
              onChange={({ detail }) => set(["timeout"], detail.value || undefined)}
            />
          </FormField>
          <FormField
            label="Attempts"
            description="How often the call is tried at most when the API has trouble: 1 to 5."
          >
            <Input
              type="number"
              value={String(definition.retry?.attempts ?? 3)}
              readOnly={readOnly}
              onChange={({ detail }) => set(["retry", "attempts"], detail.value ? Number(detail.value) : undefined)}
            />
          </FormField>
          <FormField
            label="Calls at the same time"
            description="How many calls may be at this host at the same time. Empty: half of the conversations that run at once."
          >
            <Input
              type="number"
              value={definition.at_most == null ? "" : String(definition.at_most)}
              readOnly={readOnly}
              onChange={({ detail }) => set(["at_most"], detail.value ? Number(detail.value) : undefined)}
            />
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}

type Text = string | string[];
interface Row {
  name: string;
  value: string;
}

function toRows(entries: Record<string, Text>): Row[] {
  return Object.entries(entries).flatMap(([name, value]) =>
    [value].flat().map((each) => ({ name, value: String(each) })),
  );
}

function fromRows(rows: Row[]): Record<string, Text> | undefined {
  const entries: Record<string, Text> = {};
  for (const { name, value } of rows.filter((row) => row.name)) {
    const before = entries[name];
    entries[name] = before === undefined ? value : [before, value].flat();
  }
  return rows.some((row) => row.name) ? entries : undefined;
}

/** Names with values. A row without a name is kept on the screen and not written. */
function Pairs(props: {
  label: string;
  description?: string;
  entries: Record<string, Text>;
  readOnly: boolean;
  onChange: (entries: Record<string, Text> | undefined) => void;
}) {
  const [rows, setRows] = useRows(toRows(props.entries), (next) => JSON.stringify(fromRows(next)));
  const update = (next: Row[]) => {
    setRows(next);
    props.onChange(fromRows(next));
  };
  const edit = (index: number, change: Partial<Row>) =>
    update(rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <FormField label={props.label} description={props.description} stretch>
      <AttributeEditor
        items={rows}
        addButtonText={`Add to ${props.label.toLowerCase()}`}
        removeButtonText="Remove"
        disableAddButton={props.readOnly}
        isItemRemovable={() => !props.readOnly}
        empty="None."
        onAddButtonClick={() => setRows([...rows, { name: "", value: "" }])}
        onRemoveButtonClick={({ detail }) => update(rows.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: "Name",
            control: (row, index) => (
              <Input
                value={row.name}
                readOnly={props.readOnly}
                spellcheck={false}
                onChange={({ detail }) => edit(index, { name: detail.value })}
              />
            ),
          },
          {
            label: "Value",
            control: (row, index) => (
              <Input
                value={row.value}
                readOnly={props.readOnly}
                spellcheck={false}
                onChange={({ detail }) => edit(index, { value: detail.value })}
              />
            ),
          },
        ]}
      />
    </FormField>
  );
}

/** The parts of a multipart body: values, and the part that carries the file. */
function Parts(props: { parts: Part[]; readOnly: boolean; onChange: (parts: Part[]) => void }) {
  const [rows, setRows] = useRows(props.parts, (next) => JSON.stringify(next));
  const update = (next: Part[]) => {
    setRows(next);
    props.onChange(next);
  };
  const edit = (index: number, change: Part) => update(rows.map((row, at) => (at === index ? change : row)));
  return (
    <FormField label="Parts" stretch description="The API's documentation names the part that takes the file.">
      <AttributeEditor
        items={rows}
        addButtonText="Add a part"
        removeButtonText="Remove"
        disableAddButton={props.readOnly}
        isItemRemovable={() => !props.readOnly && rows.length > 1}
        empty="None."
        onAddButtonClick={() => update([...rows, { name: `part${rows.length + 1}`, value: "" }])}
        onRemoveButtonClick={({ detail }) => update(rows.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: "Name",
            control: (row, index) => (
              <Input
                value={row.name}
                readOnly={props.readOnly}
                spellcheck={false}
                onChange={({ detail }) => edit(index, { ...row, name: detail.value })}
              />
            ),
          },
          {
            label: "Carries",
            control: (row, index) => (
              <Select
                selectedOption={
                  row.file != null ? { value: "file", label: "A file" } : { value: "value", label: "A value" }
                }
                options={[
                  { value: "file", label: "A file" },
                  { value: "value", label: "A value" },
                ]}
                disabled={props.readOnly}
                onChange={({ detail }) =>
                  edit(
                    index,
                    detail.selectedOption.value === "file"
                      ? { name: row.name, file: "[[file]]" }
                      : { name: row.name, value: "" },
                  )
                }
              />
            ),
          },
          {
            label: "Value or variable",
            control: (row, index) => (
              <Input
                value={row.file ?? row.value ?? ""}
                readOnly={props.readOnly}
                spellcheck={false}
                onChange={({ detail }) =>
                  edit(index, row.file != null ? { ...row, file: detail.value } : { ...row, value: detail.value })
                }
              />
            ),
          },
          {
            label: "File name",
            control: (row, index) =>
              row.file != null ? (
                <Input
                  value={row.filename ?? ""}
                  readOnly={props.readOnly}
                  placeholder="As the customer named it"
                  onChange={({ detail }) => {
                    const { filename: _, ...rest } = row;
                    edit(index, detail.value ? { ...rest, filename: detail.value } : rest);
                  }}
                />
              ) : (
                <Box padding={{ top: "xs" }}>-</Box>
              ),
          },
        ]}
      />
    </FormField>
  );
}

/** Rows that are edited here, and replaced when the text changes elsewhere. */
function useRows<T>(given: T[], written: (rows: T[]) => string | undefined): [T[], (rows: T[]) => void] {
  const [rows, setRows] = useState(given);
  const changedElsewhere = written(given) !== written(rows);
  useEffect(() => {
    if (changedElsewhere) setRows(given);
  });
  return [rows, setRows];
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

function StatusCodes(props: { value: number[]; readOnly: boolean; onChange: (codes: number[]) => void }) {
  const [draft, setDraft] = useState(() => props.value.join(", "));
  const words = draft.split(/[\s,]+/).filter(Boolean);
  const wrong = words.find((word) => !/^[1-5][0-9]{2}$/.test(word));
  return (
    <FormField
      label="Status codes that mean success"
      description="Such as 200, 201. Empty: every one from 200 to 299."
      errorText={wrong ? `${wrong} is no status code: write numbers from 100 to 599.` : ""}
    >
      <Input
        value={draft}
        readOnly={props.readOnly}
        onChange={({ detail }) => {
          setDraft(detail.value);
          const codes = detail.value.split(/[\s,]+/).filter(Boolean);
          if (codes.every((code) => /^[1-5][0-9]{2}$/.test(code))) props.onChange(codes.map(Number));
        }}
      />
    </FormField>
  );
}
