import Alert from "@cloudscape-design/components/alert";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { type Json, setFlowField } from "../../flow-text/flow-text";
import { variantOf } from "../../node-types/node-type";
import { useEditor } from "../editor-state";
import { FieldList } from "./field-list";
import { elsewhere, problemsOf } from "./field-problems";
import { FLOW_FIELDS } from "./flow-fields";
import { FormContext, type FormScope } from "./form-scope";
import "./forms.css";

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
  const left = elsewhere(problems, Object.keys(FLOW_FIELDS.schema.properties ?? {}));
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
        <FieldList placed={FLOW_FIELDS} path={[]} values={values} />
      </SpaceBetween>
    </FormContext>
  );
}
