import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useMemo, useRef } from "react";
import { type FlowModel, type FlowNode, setExit, setField, withExitNames } from "../../flow-text/flow-text";
import { placedExits } from "../../node-types/exits";
import { variantOf } from "../../node-types/node-type";
import { nodeSchema, type Placed } from "../../node-types/schemas";
import { useEditor } from "../editor-state";
import { ExitsFields } from "./exits-fields";
import { inWords, propertyOf } from "./field-kind";
import { FieldList } from "./field-list";
import { elsewhere, fieldName, problemsOf } from "./field-problems";
import { FormContext, type FormScope } from "./form-scope";
import "./forms.css";
import { NodeHeader } from "./node-header";
import { YamlField } from "./text-fields";
import { offersFor } from "./variables";
import { VariantSwitch } from "./variant-switch";

/** The form of a node, from the schema of its type. Each change is an edit of the flow's text. */
export function NodeForm({ node: id }: { node: string }) {
  const { shown, opened } = useEditor();
  const node = shown?.nodes.find((each) => each.id === id);
  if (!shown || !node) {
    return <Box color="text-body-secondary">The node {id} is not in this flow any more.</Box>;
  }
  return <Form node={node} flow={shown} key={opened?.node === id ? opened.form : id} />;
}

function Form({ node, flow }: { node: FlowNode; flow: FlowModel }) {
  const { nodeTypes, findings, readOnly, change, opened } = useEditor();
  const variant = variantOf(nodeTypes, node);
  const placed = useMemo<Placed>(() => (variant ? nodeSchema(variant.config_schema) : NO_SCHEMA), [variant]);
  const exits = useMemo(() => placedExits(nodeTypes, node), [nodeTypes, node]);
  const variables = useMemo(() => offersFor(findings, node.id, flow, nodeTypes), [findings, node.id, flow, nodeTypes]);
  const titles = useMemo(
    () => new Map(flow.nodes.map((each) => [each.id, variantOf(nodeTypes, each)?.title ?? each.type])),
    [flow, nodeTypes],
  );
  const problems = problemsOf(findings, node.id, flow, nodeTypes);
  const scope: FormScope = {
    readOnly,
    flow,
    titles,
    values: node.fields,
    problems,
    variables,
    exits,
    integration: integrationOf(placed, node),
    change: (changes, label) =>
      change(`${node.id}: ${label}`, (text) => {
        const edited = changes.reduce((next, { path, value }) => setField(next, node.id, path, value), text);
        return withExitNames(text, edited, node.id, nodeTypes);
      }),
    setTarget: (exit, target) =>
      change(`${node.id}: exit ${exit.label || exit.name}`, (text) =>
        setExit(text, node.id, exit.name, target, nodeTypes),
      ),
  };

  // What the form shows in another way than as a field of its schema.
  const own = exits.flatMap((exit) => (exit.own?.length === 1 ? [String(exit.own[0])] : []));
  const without = new Set(["type", "exits", "then", ...Object.keys(variant?.when ?? {}), ...own]);
  const known = placed.schema.properties ?? {};
  const others = Object.keys(node.fields).filter((field) => !Object.hasOwn(known, field));
  const shownFields = [...Object.keys(known).filter((field) => !without.has(field)), ...others];
  const places = exits.map((exit) => fieldName(exit.writtenAt === "own" && exit.own ? exit.own : ["exits", exit.name]));
  const left = elsewhere(problems, [...shownFields, ...places, ...exits.map(({ name }) => `exits.${name}`)]);

  const form = useRef<HTMLDivElement>(null);
  const wanted = opened?.node === node.id ? opened.field : undefined;
  useEffect(() => {
    if (wanted !== undefined) focusField(form.current, wanted);
  }, [wanted]);

  return (
    <FormContext value={scope}>
      <div ref={form}>
        <SpaceBetween size="l">
          <NodeHeader node={node} flow={flow} />
          {left.length > 0 && (
            <Alert type="error" header="To be mended">
              {left.map(({ field, message }) => (
                <div key={field + message}>{message}</div>
              ))}
            </Alert>
          )}
          <VariantSwitch node={node} />
          <FieldList placed={placed} path={[]} values={node.fields} without={without} focus={wanted} />
          {others.length > 0 && (
            <SpaceBetween size="s">
              <Box variant="awsui-key-label">
                {variant
                  ? "Fields that this type of node does not have"
                  : "This type of node is not known here. Its fields:"}
              </Box>
              {others.map((field) => (
                <YamlField
                  key={field}
                  placed={propertyOf(placed, field)}
                  path={[field]}
                  label={inWords(field)}
                  required={false}
                  value={node.fields[field]}
                  onChange={(value) => scope.change([{ path: [field], value }], inWords(field))}
                />
              ))}
            </SpaceBetween>
          )}
          <ExitsFields mayAdd={variant?.exits.some(({ each }) => each === "exits") ?? true} />
        </SpaceBetween>
      </div>
    </FormContext>
  );
}

const NO_SCHEMA: Placed = { schema: {}, root: {} };

function integrationOf(placed: Placed, node: FlowNode): string {
  const found = Object.entries(placed.schema.properties ?? {}).find(([, each]) => each["x-widget"] === "integration");
  const value = found && node.fields[found[0]];
  return typeof value === "string" ? value : "";
}

/** Put the focus on the field with this name, or on the nearest one around it. */
function focusField(form: HTMLElement | null, name: string): void {
  const all = [...(form?.querySelectorAll<HTMLElement>("[data-field]") ?? [])];
  const around = all.filter(
    ({ dataset: { field = "" } }) => field === name || name.startsWith(`${field}.`) || name.startsWith(`${field}[`),
  );
  const nearest = around.toSorted(
    (one, other) => (other.dataset.field ?? "").length - (one.dataset.field ?? "").length,
  )[0];
  nearest?.querySelector<HTMLElement>("input, textarea, button")?.focus();
  nearest?.scrollIntoView({ block: "nearest" });
}
