import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import type { ReactNode } from "react";
import { useEditor, type View } from "./editor-state";
import type { Commands } from "./use-commands";
import type { PanelName } from "./use-panel";

interface Props {
  commands: Commands;
  onFind(): void;
  onAdd(): void;
  onTidy(): void;
  onPanel(panel: PanelName): void;
  onKeys(): void;
  /** Beside the title: whether the draft is saved. */
  saveState?: ReactNode;
  /** At the end: check, publish, versions. */
  children?: ReactNode;
}

/** The title of the flow, and everything that acts on the whole of it. */
export function EditorTopBar({ commands, onFind, onAdd, onTidy, onPanel, onKeys, saveState, children }: Props) {
  const { name, shown, readOnly, selection, canUndo, canRedo, undo, redo, view, show, select } = useEditor();
  const isGraph = view !== "text";
  return (
    <header className="editor-bar">
      <div className="editor-title">
        <h1>{shown?.title || name}</h1>
        {saveState}
      </div>
      <div className="editor-tools" role="group" aria-label="Editing">
        {/* A button that says why it is disabled keeps the focus after the last step. */}
        <Button
          variant="icon"
          iconName="undo"
          ariaLabel="Undo"
          disabled={!canUndo}
          disabledReason="There is nothing to undo."
          onClick={undo}
        />
        <Button
          variant="icon"
          iconName="redo"
          ariaLabel="Redo"
          disabled={!canRedo}
          disabledReason="There is nothing to do again."
          onClick={redo}
        />
        <Button variant="icon" iconName="search" ariaLabel="Find a node" disabled={!isGraph} onClick={onFind} />
        {!readOnly && (
          <Button iconName="add-plus" disabled={!isGraph} onClick={onAdd}>
            Add node
          </Button>
        )}
      </div>
      <div className="editor-views" role="group" aria-label="View">
        {VIEWS.map(({ id, text }) => (
          <button key={id} type="button" aria-pressed={view === id} onClick={() => show(id)}>
            {text}
          </button>
        ))}
      </div>
      <div className="editor-tools">
        {children}
        <ButtonDropdown
          variant="icon"
          ariaLabel="More actions"
          expandToViewport
          items={[
            { id: "duplicate", text: "Duplicate", disabled: readOnly || selection.length === 0 },
            { id: "delete", text: "Delete", disabled: readOnly || selection.length === 0 },
            { id: "all", text: "Select all", disabled: !isGraph },
            { id: "tidy", text: "Tidy up", disabled: readOnly || view !== "canvas" },
            { id: "problems", text: "Problems" },
            { id: "versions", text: "Versions" },
            { id: "settings", text: "Settings of the flow" },
            { id: "keys", text: "Keys" },
          ]}
          onItemClick={({ detail: { id } }) => {
            if (id === "duplicate") commands.duplicate(selection);
            else if (id === "delete") commands.remove(selection);
            else if (id === "all") select(shown?.nodes.map((node) => node.id) ?? []);
            else if (id === "tidy") onTidy();
            else if (id === "settings" || id === "problems" || id === "versions") onPanel(id);
            else onKeys();
          }}
        />
      </div>
    </header>
  );
}

const VIEWS: { id: View; text: string }[] = [
  { id: "canvas", text: "Canvas" },
  { id: "outline", text: "Outline" },
  { id: "text", text: "Text" },
];
