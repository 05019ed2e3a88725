/** The problems that the API's validation found, by the field of a form that they belong to. */

import type { FlowModel } from "../../flow-text/flow-text";
import type { Findings, NodeType } from "../editor-state";
import { findingWords } from "../finding-words";

type Step = string | number;

export interface FieldProblem {
  /** As the API writes it, such as `options[0].title`; empty for the whole node or flow. */
  field: string;
  message: string;
}

/** The problems of a node; "" for those of the flow itself. */
export function problemsOf(
  findings: Findings | null,
  node: string,
  flow: FlowModel,
  types: NodeType[],
): FieldProblem[] {
  return (findings?.problems ?? [])
    .filter((problem) => problem.node === node)
    .map((problem) => ({ field: problem.field, message: findingWords(problem, flow, types).what }));
}

/** The name of a field, as the API writes it. */
export function fieldName(path: readonly Step[]): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === "number") return `${name}[${step}]`;
    return name === "" ? step : `${name}.${step}`;
  }, "");
}

/** Whether a problem's field is this one, or inside of it. */
export function isWithin(field: string, name: string): boolean {
  return field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`);
}

/** What is wrong with a field. Those of a field that is shown inside of it, one of `parts`, stand there. */
export function messageAt(
  problems: readonly FieldProblem[],
  path: readonly Step[],
  parts: readonly Step[] = [],
): string {
  const inside = parts.map((part) => fieldName([...path, part]));
  return problems
    .filter(({ field }) => isWithin(field, fieldName(path)) && !inside.some((part) => isWithin(field, part)))
    .map(({ message }) => message)
    .join(" ");
}

/** The problems that no field of the form shows. */
export function elsewhere(problems: readonly FieldProblem[], shown: readonly string[]): FieldProblem[] {
  return problems.filter(({ field }) => !shown.some((name) => isWithin(field, name)));
}
