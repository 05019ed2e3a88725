import { createContext, useContext } from "react";
import type { components } from "../api/schema";
import type { FlowDocument, FlowModel } from "../flow-text/flow-text";
import type { Places } from "./canvas/places";

export type NodeType = components["schemas"]["NodeType"];
export type Findings = components["schemas"]["FlowFindings"];

/** One flow in the editor. Its text is the truth: the canvas, the outline, the forms and the text view show and edit it. */
export interface Editor {
  name: string;
  text: string;
  document: FlowDocument;
  /** The last text that could be read; null while there was none. Differs from `document.flow` while the text is broken. */
  shown: FlowModel | null;
  /** The user may not edit, or the text is broken. */
  readOnly: boolean;
  nodeTypes: NodeType[];
  /** The newest answer of the API's validation; null before the first. */
  findings: Findings | null;
  report(findings: Findings | null): void;
  selection: readonly string[];
  select(nodes: readonly string[]): void;
  /** Change the text as one undo step. `what` names it, such as "Delete ask_photo". An EditRefused is shown to the user. */
  change(what: string, edit: (text: string) => string): void;
  /** Where a person put nodes; the layout computes the places of the others. */
  places: Places;
  /** Put nodes elsewhere, as one undo step. */
  move(what: string, places: Places): void;
  undo(): void;
  redo(): void;
  canUndo: boolean;
  canRedo: boolean;
  /** The node whose form is open, which form it is, and the field that has the focus. */
  opened: { node: string; form: number; field?: string } | null;
  open(node: string, field?: string): void;
  /** The node of the form has another name. Its form stays as it is, and with it the focus. */
  renamed(node: string): void;
  close(): void;
  view: View;
  show(view: View): void;
  /** The line to go to in the text view; another object goes there again. */
  line: { line: number } | null;
  /** Show a line of the text, in the text view. */
  showLine(line: number): void;
  /** Tell a screen reader what happened. */
  announce(what: string): void;
}

/** Of every form: the field with the name of the node, which is no field of its type. */
export const NAME_FIELD = "id";

export type View = "canvas" | "outline" | "text";

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error("useEditor() outside of an editor");
  return editor;
}
