import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { useNotifications } from "../app/notifications";
import { type FlowModel, parseFlow } from "../flow-text/flow-text";
import { type Editor, EditorContext, type Findings, type NodeType } from "./editor-state";
import { newStack, push, redo, undo } from "./undo-stack";

const BURST_MS = 1_000; // changes of one field that follow so soon are one undo step

interface Props {
  name: string;
  /** The text to begin with. Another `key` of this component begins anew. */
  initialText: string;
  mayEdit: boolean;
  nodeTypes: NodeType[];
  findings: Findings | null;
  children: ReactNode;
}

export function EditorProvider({ name, initialText, mayEdit, nodeTypes, findings, children }: Props) {
  const [stack, setStack] = useState(() => newStack(initialText));
  const [selection, select] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<Editor["opened"]>(null);
  const changedAt = useRef(0);
  const lastGood = useRef<FlowModel | null>(null);
  const { fail } = useNotifications();

  const document = useMemo(() => parseFlow(stack.text), [stack.text]);
  if (document.flow) lastGood.current = document.flow;

  const change = useCallback<Editor["change"]>(
    (what, edit) => {
      let text: string;
      try {
        text = edit(stack.text);
      } catch (error) {
        fail(`${what}: not possible`, error);
        return;
      }
      const joined = performance.now() - changedAt.current < BURST_MS;
      changedAt.current = performance.now();
      setStack((now) => push(now, what, text, joined));
    },
    [stack.text, fail],
  );

  const editor = useMemo<Editor>(
    () => ({
      name,
      text: stack.text,
      document,
      shown: lastGood.current,
      readOnly: !mayEdit || !document.flow,
      nodeTypes,
      findings,
      selection,
      select,
      change,
      undo: () => setStack(undo),
      redo: () => setStack(redo),
      canUndo: stack.past.length > 0,
      canRedo: stack.future.length > 0,
      opened,
      open: (node, field) => setOpened(field === undefined ? { node } : { node, field }),
      close: () => setOpened(null),
    }),
    [name, stack, document, mayEdit, nodeTypes, findings, selection, change, opened],
  );
  return <EditorContext value={editor}>{children}</EditorContext>;
}
