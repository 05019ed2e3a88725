import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { useNotifications } from "../app/notifications";
import { type FlowModel, parseFlow } from "../flow-text/flow-text";
import { carryOver, type Places } from "./canvas/places";
import { type Editor, EditorContext, type Findings, type NodeType, type View } from "./editor-state";
import { newStack, push, redo, type UndoStack, undo } from "./undo-stack";

const BURST_MS = 1_000; // changes of one field that follow so soon are one undo step

interface Props {
  name: string;
  /** The text to begin with. Another `key` of this component begins anew. */
  initialText: string;
  initialPlaces?: Places;
  /** What the canvas shows while the text to begin with is broken. */
  lastGood?: FlowModel | null;
  initialView?: View;
  /** What is known of the text to begin with. */
  findings?: Findings | null;
  mayEdit: boolean;
  nodeTypes: NodeType[];
  children: ReactNode;
}

const NO_PLACES: Places = {};

export function EditorProvider({
  name,
  initialText,
  initialPlaces = NO_PLACES,
  initialView = "canvas",
  lastGood: firstGood = null,
  mayEdit,
  nodeTypes,
  findings: firstFindings = null,
  children,
}: Props) {
  const [stack, setStack] = useState(() => newStack({ text: initialText, places: initialPlaces }));
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<Editor["opened"]>(null);
  const [findings, report] = useState<Findings | null>(firstFindings);
  const [{ view, line }, setShown] = useState<Pick<Editor, "view" | "line">>({ view: initialView, line: null });
  const [announcement, announce] = useState("");
  // The newest stack: several changes may follow each other before the next drawing.
  const newest = useRef(stack);
  const changedAt = useRef(0);
  const lastGood = useRef<FlowModel | null>(firstGood);
  const { fail } = useNotifications();

  const document = useMemo(() => parseFlow(stack.now.text), [stack.now.text]);
  if (document.flow) lastGood.current = document.flow;
  const shown = lastGood.current;

  const take = useCallback((next: UndoStack) => {
    newest.current = next;
    setStack(next);
  }, []);

  const change = useCallback<Editor["change"]>(
    (what, edit) => {
      const { text, places } = newest.current.now;
      let edited: string;
      try {
        edited = edit(text);
      } catch (error) {
        fail(`Not possible: ${what}`, error);
        return;
      }
      const joined = performance.now() - changedAt.current < BURST_MS;
      changedAt.current = performance.now();
      const carried = Object.keys(places).length > 0 ? carryOver(places, nodesOf(text), nodesOf(edited)) : places;
      take(push(newest.current, what, { text: edited, places: carried }, joined));
      announce(what);
    },
    [fail, take],
  );

  const move = useCallback<Editor["move"]>(
    (what, places) => {
      const joined = performance.now() - changedAt.current < BURST_MS;
      changedAt.current = performance.now();
      take(push(newest.current, what, { places }, joined));
      announce(what);
    },
    [take],
  );

  const selection = useMemo(() => {
    const ids = new Set(shown?.nodes.map((node) => node.id));
    return selected.filter((id) => ids.has(id));
  }, [selected, shown]);
  const isOpen = opened !== null && shown?.nodes.some((node) => node.id === opened.node);

  const editor = useMemo<Editor>(
    () => ({
      name,
      text: stack.now.text,
      document,
      shown,
      readOnly: !mayEdit || !document.flow,
      nodeTypes,
      findings,
      report,
      selection,
      select: setSelected,
      change,
      places: stack.now.places,
      move,
      undo: () => {
        const step = newest.current.past.at(-1);
        if (!step) return;
        take(undo(newest.current));
        announce(`Undone: ${step.what}`);
      },
      redo: () => {
        const step = newest.current.future[0];
        if (!step) return;
        take(redo(newest.current));
        announce(`Done again: ${step.what}`);
      },
      canUndo: stack.past.length > 0,
      canRedo: stack.future.length > 0,
      opened: isOpen ? opened : null,
      open: (node, field) =>
        setOpened((now) => {
          const form = now?.node === node ? now.form : (now?.form ?? 0) + 1;
          return field === undefined ? { node, form } : { node, form, field };
        }),
      renamed: (node) => setOpened((now) => now && { node, form: now.form }),
      close: () => setOpened(null),
      view,
      show: (view) => setShown({ view, line: null }),
      line,
      showLine: (line) => setShown({ view: "text", line: { line } }),
      announce,
    }),
    [
      name,
      stack,
      document,
      shown,
      mayEdit,
      nodeTypes,
      findings,
      selection,
      change,
      move,
      take,
      isOpen,
      opened,
      view,
      line,
    ],
  );
  return (
    <EditorContext value={editor}>
      {children}
      <div className="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
    </EditorContext>
  );
}

function nodesOf(text: string): string[] {
  return parseFlow(text).flow?.nodes.map((node) => node.id) ?? [];
}
