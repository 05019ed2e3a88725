/** What validation found, in a flow builder's words: the place as the form calls it, and what to do in the console. */

import type { components } from "../api/schema";
import type { FlowModel, FlowNode } from "../flow-text/flow-text";
import { placedExits } from "../node-types/exits";
import { type NodeType, variantOf } from "../node-types/node-type";
import { itemOf, nodeSchema, type Placed, property } from "../node-types/schemas";
import { inWords, labelOf } from "./forms/field-kind";
import { FLOW_FIELDS } from "./forms/flow-fields";

export type Finding = components["schemas"]["Finding"];

export interface FindingWords {
  /** Such as "ask_photo, Accept"; empty for what concerns the whole flow. */
  where: string;
  what: string;
  /** The integration that it is about, where that is in its definition. */
  integration: string;
}

/** The words of a finding. Without its flow or the node types, its place is called as in the text. */
export function findingWords(finding: Finding, flow: FlowModel | null, types: NodeType[]): FindingWords {
  const node = flow?.nodes.find(({ id }) => id === finding.node) ?? null;
  const label = node ? nodeLabel(node, finding.field, types) : labelOfSteps(stepsOf(finding.field), FLOW_FIELDS);
  return {
    where: [finding.node, label].filter(Boolean).join(", "),
    what: whatWords(finding, label),
    integration: integrationOf(finding),
  };
}

function whatWords(finding: Finding, label: string): string {
  const { code = "", subject = "", message, field } = finding;
  switch (code) {
    case "unknown-integration":
      return `There is no integration “${subject}”. Choose another one, or create and publish it.`;
    case "unknown-asset":
      return `There is no file “${subject}” in the library. Choose another one, or add it.`;
    case "parameter-missing":
      return `The integration needs a value for “${subject}”. Give it below Parameters.`;
    case "exit-not-connected":
      return `“${label || subject}” leads nowhere yet. Choose where it leads.`;
    case "secret-for-any-host":
      return `The secret “${subject}” of ${integrationOf(finding)} may be sent to any host. An administrator sets it again, with its hosts.`;
    case "secret-for-another-host":
      return `The secret “${subject}” may not be sent to the host of ${integrationOf(finding)}, so that its calls are refused. An administrator sets it again, with that host.`;
    default: {
      // A message names its own field as in the text; the form calls it by its label.
      const name = stepsOf(field).at(-1);
      return typeof name === "string" ? message.replaceAll(`"${name}"`, `“${lastLabel(label)}”`) : message;
    }
  }
}

function integrationOf({ file }: Finding): string {
  return /^integrations\/(.+)\.yaml$/.exec(file)?.[1] ?? "";
}

/** A field of a node as its form calls it, such as "Option 2, Title". */
function nodeLabel(node: FlowNode, field: string, types: NodeType[]): string {
  const steps = stepsOf(field);
  const exit = placedExits(types, node).find(
    ({ name, own }) => field === `exits.${name}` || (own !== null && own.join() === steps.join()),
  );
  const variant = variantOf(types, node);
  return exit ? exit.label : labelOfSteps(steps, variant && nodeSchema(variant.config_schema));
}

function labelOfSteps(steps: (string | number)[], schema: Placed | null): string {
  const labels: string[] = [];
  let placed = schema;
  for (const step of steps) {
    if (typeof step === "number") {
      placed = placed && itemOf(placed);
      const list = labels.pop();
      labels.push(`${placed?.schema.title ? inWords(placed.schema.title) : list} ${step + 1}`);
    } else {
      placed = placed && property(placed, step);
      labels.push(labelOf(placed, step));
    }
  }
  return labels.join(", ");
}

function lastLabel(label: string): string {
  return label.split(", ").at(-1) ?? label;
}

/** `options[0].title` as its steps. */
function stepsOf(field: string): (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([name, at]) => (at === undefined ? name : Number(at)));
}
