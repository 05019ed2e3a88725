import { createContext, useContext } from "react";
import type { FlowModel, Json, Target } from "../../flow-text/flow-text";
import type { PlacedExit } from "../../node-types/exits";
import type { FieldProblem } from "./field-problems";
import type { Offer } from "./variables";

export type Step = string | number;

/** A change of one field. Undefined takes it out. */
export interface Change {
  path: Step[];
  value: Json | undefined;
}

/** What all fields of a form share: what they edit, and what they may offer. */
export interface FormScope {
  readOnly: boolean;
  flow: FlowModel;
  /** The titles of the nodes, by their names. */
  titles: ReadonlyMap<string, string>;
  /** All values of the form. */
  values: { [key: string]: Json };
  problems: readonly FieldProblem[];
  variables: readonly Offer[];
  /** The exits of the node; none in a form that is not of a node. */
  exits: readonly PlacedExit[];
  /** Change fields, as one step to undo. `label` names what was changed. */
  change(changes: Change[], label: string): void;
  setTarget(exit: PlacedExit, target: Target | null): void;
  /** The name of the integration that the node calls; empty where none is chosen. */
  integration: string;
}

export const FormContext = createContext<FormScope | null>(null);

export function useForm(): FormScope {
  const scope = useContext(FormContext);
  if (!scope) throw new Error("useForm() outside of a form");
  return scope;
}
