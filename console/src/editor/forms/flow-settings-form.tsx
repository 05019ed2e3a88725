import Alert from "@cloudscape-design/components/alert";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { type Json, setFlowField } from "../../flow-text/flow-text";
import { variantOf } from "../../node-types/node-type";
import type { Placed, Schema } from "../../node-types/schemas";
import { useEditor } from "../editor-state";
import { FieldList } from "./field-list";
import { elsewhere, problemsOf } from "./field-problems";
import { FormContext, type FormScope } from "./form-scope";
import "./forms.css";

/** The fields of a flow itself, as docs/flow-format.md has them. */
const FLOW: Schema = {
  type: "object",
  required: ["title", "start"],
  properties: {
    title: { type: "string", title: "Title", description: "The name that people see.", maxLength: 200 },
    start: { type: "string", title: "First node", description: "A session begins here.", "x-widget": "node" },
    session: {
      type: "object",
      title: "Session",
      "x-card": true,
      properties: {
        timeout: {
          type: "string",
          title: "End after silence of",
          description: "The session ends when the customer wrote nothing for so long.",
          default: 600,
          "x-widget": "duration",
          "x-card": true,
        },
        on_timeout: {
          type: "string",
          title: "Then go to",
          description: "A node that says goodbye, for instance. Without one, the session just ends.",
          "x-widget": "node",
          "x-card": true,
        },
        grace: {
          type: "string",
          title: "Still take a file after the end for",
          description: "A file that comes so soon after the end is still taken. 0 for none, at most 1 hour.",
          default: 120,
          "x-widget": "duration",
        },
      },
    },
    retention_days: {
      type: "integer",
      title: "Days to keep data",
      description: "How long the customers' files, variables and transcripts are kept.",
      default: 30,
      minimum: 1,
      maximum: 3650,
    },
    given: {
      type: "array",
      title: "Given variables",
      description: "Variables that your business provides when it starts this flow itself.",
      items: { type: "string", "x-widget": "variable" },
      maxItems: 50,
    },
  },
};
const PLACED: Placed = { schema: FLOW, root: FLOW };

/** The form of what concerns the whole flow: its title, where it begins, how long it waits and keeps. */
export function FlowSettingsForm() {
  const { shown: flow, nodeTypes, findings, readOnly, change } = useEditor();
  const titles = useMemo(
    () => new Map(flow?.nodes.map((each) => [each.id, variantOf(nodeTypes, each)?.title ?? each.type])),
    [flow, nodeTypes],
  );
  if (!flow) return null;
  const values: { [key: string]: Json } = { ...flow.fields, title: flow.title, start: flow.start };
  const problems = problemsOf(findings, "", flow, nodeTypes);
  const scope: FormScope = {
    readOnly,
    flow,
    titles,
    values,
    problems,
    variables: [],
    exits: [],
    integration: "",
    change: (changes, label) =>
      change(`Settings: ${label}`, (text) =>
        changes.reduce((next, { path, value }) => setFlowField(next, path, value), text),
      ),
    setTarget: () => {},
  };
  const left = elsewhere(problems, Object.keys(FLOW.properties ?? {}));
  return (
    <FormContext value={scope}>
      <SpaceBetween size="l">
        <Header variant="h2" description="What concerns the whole flow.">
          Settings of the flow
        </Header>
        {left.length > 0 && (
          <Alert type="error" header="To be mended">
            {left.map(({ field, message }) => (
              <div key={field + message}>{message}</div>
            ))}
          </Alert>
        )}
        <FieldList placed={PLACED} path={[]} values={values} />
      </SpaceBetween>
    </FormContext>
  );
}
