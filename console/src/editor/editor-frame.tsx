import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Loading } from "../app/loading";
import { AddNodeDialog } from "./add-node-dialog";
import { type CanvasControl, FlowCanvas } from "./canvas/flow-canvas";
import { type StoredLayout, useLayoutSaving } from "./canvas/stored-layout";
import "./canvas/colors.css";
import "./editor.css";
import { SaveState } from "./drafts/save-state";
import { ServiceAway } from "./drafts/service-away";
import { useEditor } from "./editor-state";
import { EditorTopBar } from "./editor-top-bar";
import { FindDialog } from "./find-dialog";
import { KeysDialog } from "./keys-dialog";
import { goToInOutline, OutlineView } from "./outline/outline-view";
import { CheckButton } from "./publishing/check-button";
import { ProblemsPanel } from "./publishing/problems-panel";
import { PublishButton } from "./publishing/publish-button";
import { SidePanel } from "./side-panel";
import { type ExitOfNode, useCommands } from "./use-commands";
import { useEditorKeys } from "./use-editor-keys";
import { PANELS, usePanel } from "./use-panel";

const NodeForm = lazy(async () => ({ default: (await import("./forms/node-form")).NodeForm }));
const FlowSettingsForm = lazy(async () => ({
  default: (await import("./forms/flow-settings-form")).FlowSettingsForm,
}));
const TextView = lazy(async () => ({ default: (await import("./text-view/text-view")).TextView }));
const VersionsPanel = lazy(async () => ({ default: (await import("./publishing/versions-panel")).VersionsPanel }));

type Dialog = { kind: "find" } | { kind: "keys" } | { kind: "add"; from: ExitOfNode | null };

/** The editor's frame: top bar, the view in the middle, and the panel on the right. */
export function EditorFrame({ layout }: { layout: StoredLayout }) {
  const editor = useEditor();
  const { name, shown, document, readOnly, nodeTypes, findings, selection, places, opened, view } = editor;
  const commands = useCommands();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [panel, setPanel] = usePanel(editor.close);
  const control = useRef<CanvasControl | null>(null);
  useLayoutSaving(name, places, layout, !readOnly);

  const problems = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { node } of findings?.problems ?? []) if (node) counts.set(node, (counts.get(node) ?? 0) + 1);
    return counts;
  }, [findings]);

  const [wanted, want] = useState<{ node: string } | null>(null);
  const goTo = (node: string) => {
    editor.select([node]);
    if (view === "canvas") control.current?.goTo(node);
    else want({ node });
  };
  useEffect(() => {
    if (wanted) goToInOutline(wanted.node);
  }, [wanted]);
  const closeForm = () => {
    const node = opened?.node;
    editor.close();
    if (node !== undefined) goTo(node);
  };
  const tidy = () => {
    editor.move("Tidy up", {});
    control.current?.tidy();
  };
  const close = () => setDialog(null);
  const openedNode = opened?.node;
  useEffect(() => {
    if (openedNode !== undefined) control.current?.show(openedNode);
  }, [openedNode]);
  const onReady = useCallback((ready: CanvasControl) => {
    control.current = ready;
  }, []);
  const add = (from: ExitOfNode | null) => setDialog({ kind: "add", from });

  useEditorKeys(commands, {
    find: () => setDialog({ kind: "find" }),
    keys: () => setDialog({ kind: "keys" }),
    add: () => add(null),
    tidy,
  });

  const isBroken = document.flow === null;
  return (
    <div className="editor">
      <EditorTopBar
        commands={commands}
        saveState={<SaveState />}
        onFind={() => setDialog({ kind: "find" })}
        onAdd={() => add(null)}
        onTidy={tidy}
        onPanel={setPanel}
        onKeys={() => setDialog({ kind: "keys" })}
      >
        <CheckButton />
        <PublishButton />
      </EditorTopBar>
      <ServiceAway />
      {isBroken && view !== "text" && (
        <div className="editor-notice">
          <Alert
            type="error"
            header="The text of this flow has a mistake"
            action={<Button onClick={() => editor.show("text")}>Show the text</Button>}
          >
            {document.errors[0] && `Line ${document.errors[0].line}: ${document.errors[0].message} `}
            {shown ? "You see the flow as it was before, and cannot change it here." : "Mend it in the text first."}
          </Alert>
        </div>
      )}
      <div className={opened || panel ? "editor-body with-panel" : "editor-body"}>
        <section className="editor-view" tabIndex={-1} data-editor-view="" aria-label={VIEWS[view]}>
          {view === "canvas" && shown && (
            <FlowCanvas
              flow={shown}
              types={nodeTypes}
              readOnly={readOnly}
              chosen={places}
              problems={problems}
              selection={selection}
              onSelect={editor.select}
              onOpen={editor.open}
              onMove={editor.move}
              onConnect={(node, exit, target, instead) => commands.connect({ node, exit }, target, instead)}
              onDropOutside={(node, exit) => add({ node, exit })}
              onReady={onReady}
            />
          )}
          {view === "text" && (
            <Suspense fallback={<Loading what="the text" />}>
              <TextView />
            </Suspense>
          )}
          {view === "outline" && (
            <OutlineView
              problems={problems}
              onConnect={commands.connect}
              onAdd={add}
              onDelete={(node) => commands.remove([node])}
            />
          )}
        </section>
        {opened ? (
          <SidePanel title={opened.node} label={`Form of ${opened.node}`} onClose={closeForm}>
            <NodeForm node={opened.node} />
          </SidePanel>
        ) : (
          panel && (
            <SidePanel title={PANELS[panel]} label={PANELS[panel]} onClose={() => setPanel(null)}>
              {panel === "settings" && <FlowSettingsForm />}
              {panel === "problems" && <ProblemsPanel />}
              {panel === "versions" && <VersionsPanel />}
            </SidePanel>
          )
        )}
      </div>
      {dialog?.kind === "find" && (
        <FindDialog
          onClose={close}
          onChoose={(node) => {
            close();
            goTo(node);
          }}
        />
      )}
      {dialog?.kind === "keys" && <KeysDialog onClose={close} />}
      {dialog?.kind === "add" && (
        <AddNodeDialog
          from={dialog.from}
          onClose={close}
          onAdd={(entry) => {
            close();
            commands.add(entry, dialog.from);
          }}
          onConnect={(target) => {
            close();
            if (dialog.from) commands.connect(dialog.from, target);
          }}
        />
      )}
    </div>
  );
}

const VIEWS = { canvas: "Canvas", outline: "Outline", text: "Text" } as const;
