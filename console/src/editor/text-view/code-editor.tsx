import { defaultKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { indentOnInput } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { theme } from "./code-theme";
import { type LineProblem, smallestChange } from "./diagnostics";

interface Props {
  text: string;
  label: string;
  readOnly: boolean;
  problems: LineProblem[];
  /** A line to go to; another object goes there again. */
  goTo?: { line: number } | null;
  onChange?(text: string): void;
  onUndo?(): void;
  onRedo?(): void;
}

const FromOutside = Annotation.define<boolean>();

/**
 * Typing over several lines: a browser joins their elements by an inline style, which the Content-Security-Policy refuses
 * and reports. So the editor replaces them itself.
 */
const typingOverLines = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    const isOneLine = view.state.doc.lineAt(main.from).to >= main.to;
    if (event.inputType !== "insertText" || event.data === null || view.composing || isOneLine) return false;
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type" });
    return true;
  },
});

/**
 * YAML in a code editor. Undo and redo are the caller's: one history for all views.
 *
 * It is mounted in a shadow root: there CodeMirror uses constructed style sheets, which a Content-Security-Policy without
 * inline styles allows.
 */
export function CodeEditor(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const editable = useRef(new Compartment());
  const { text, readOnly, problems, goTo, label } = props;

  useEffect(() => {
    const element = host.current as HTMLDivElement;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const commands = [
      { key: "Mod-z", preventDefault: true, run: () => act("onUndo") },
      { key: "Mod-y", preventDefault: true, run: () => act("onRedo") },
      { key: "Mod-Shift-z", preventDefault: true, run: () => act("onRedo") },
    ];
    const act = (which: "onUndo" | "onRedo") => {
      newest.current[which]?.();
      return true;
    };
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: newest.current.text,
        extensions: [
          lineNumbers(),
          lintGutter(),
          drawSelection(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          indentOnInput(),
          search({ top: true }),
          yaml(),
          theme,
          typingOverLines,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": newest.current.label, tabindex: "0" }),
          editable.current.of([]),
          keymap.of([...commands, ...searchKeymap, ...lintKeymap, ...defaultKeymap]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || update.transactions.some((each) => each.annotation(FromOutside))) return;
            newest.current.onChange?.(update.state.sliceDoc());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const extensions = [EditorState.readOnly.of(readOnly)];
    view.current?.dispatch({ effects: editable.current.reconfigure(extensions) });
  }, [readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const shown = editor.state.sliceDoc();
    // CodeMirror has one kind of line break; what differs only in that is the same text.
    const wanted = text.replace(/\r\n?/g, "\n");
    if (shown === wanted) return;
    editor.dispatch({ changes: smallestChange(shown, wanted), annotations: FromOutside.of(true) });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { doc } = editor.state;
    const diagnostics = problems.map(({ line, message }): Diagnostic => {
      const { from, to, text: content } = doc.line(Math.min(Math.max(line, 1), doc.lines));
      return { from: from + (content.length - content.trimStart().length), to, severity: "error", message };
    });
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [problems]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !goTo) return;
    const { from } = editor.state.doc.line(Math.min(Math.max(goTo.line, 1), editor.state.doc.lines));
    editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    editor.focus();
  }, [goTo]);

  // Keys that are used in the text are not the page's, too.
  return (
    <div
      ref={host}
      data-code-editor={label}
      style={{ height: "100%", minHeight: 0 }}
      onKeyDown={(event) => {
        if (event.key.toLowerCase() !== "s" && event.key !== "Tab") event.nativeEvent.stopImmediatePropagation();
      }}
    />
  );
}
