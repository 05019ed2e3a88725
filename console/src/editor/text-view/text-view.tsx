import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useMemo } from "react";
import { useRole } from "../../app/context";
import { Loading } from "../../app/loading";
import { useEditor } from "../editor-state";
import { lineProblems } from "./diagnostics";

const CodeEditor = lazy(async () => ({ default: (await import("./code-editor")).CodeEditor }));

/** The flow as text, with its problems in the margin. It can be changed even while it is broken. */
export function TextView() {
  const { text, document, findings, change, undo, redo, line } = useEditor();
  const mayEdit = useRole("editor");
  const problems = useMemo(() => lineProblems(document, findings), [document, findings]);
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  const first = document.errors[0];
  return (
    <div style={{ display: "flex", flexDirection: "column", height: "100%", minHeight: 0 }}>
      {first && (
        <div role="alert" className="editor-notice">
          <StatusIndicator type="error">
            Line {first.line} cannot be read: {first.message}
          </StatusIndicator>
        </div>
      )}
      <div style={{ flex: 1, minHeight: 0 }}>
        <Suspense fallback={<Loading what="the text" />}>
          <CodeEditor
            text={text}
            label="Text of the flow. Press Escape, then Tab to leave it."
            readOnly={!mayEdit}
            problems={problems}
            goTo={line}
            onChange={(next) => change("Edit the text", () => next.replaceAll("\n", lineBreak))}
            onUndo={undo}
            onRedo={redo}
          />
        </Suspense>
      </div>
    </div>
  );
}
