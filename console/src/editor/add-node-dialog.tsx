import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useMemo, useState } from "react";
import { Dialog } from "../app/dialog";
import type { Target } from "../flow-text/flow-text";
import { Icon } from "./canvas/icon";
import { foundEntries, type PaletteEntry, paletteOf } from "./commands";
import { useEditor } from "./editor-state";
import { TargetSelect } from "./target-select";
import type { ExitOfNode } from "./use-commands";

interface Props {
  /** The exit that shall lead somewhere; null: a node is added without one. */
  from: ExitOfNode | null;
  onAdd(entry: PaletteEntry): void;
  onConnect(target: Target | null): void;
  onClose(): void;
}

/** The palette of node types. For an exit it also offers what is there already: nodes, the end, other flows. */
export function AddNodeDialog({ from, onAdd, onConnect, onClose }: Props) {
  const { nodeTypes, shown } = useEditor();
  const [search, setSearch] = useState("");
  const entries = useMemo(() => paletteOf(nodeTypes), [nodeTypes]);
  const found = foundEntries(entries, search);
  return (
    <Dialog title={from ? `Where does ${from.exit} of ${from.node} lead?` : "Add a node"} onClose={onClose} focusField>
      {from && shown && (
        <FormField label="To what is there already">
          <TargetSelect flow={shown} label="Where it leads" target={null} required onChange={onConnect} />
        </FormField>
      )}
      <FormField label={from ? "Or to a new node" : "Find a type of node"}>
        <Input
          value={search}
          type="search"
          clearAriaLabel="Clear"
          placeholder="Find a type of node"
          onChange={({ detail }) => setSearch(detail.value)}
          onKeyDown={(event) => {
            if (event.detail.key !== "Enter" || !found[0]) return;
            event.preventDefault(); // else it presses the button that has the focus when the dialog is gone
            onAdd(found[0]);
          }}
        />
      </FormField>
      {found.length === 0 && <Box color="text-body-secondary">No type of node fits “{search}”.</Box>}
      <ul className="palette" aria-label="Types of nodes">
        {found.map((entry) => (
          <li key={entry.key}>
            <button type="button" onClick={() => onAdd(entry)}>
              <Icon name={entry.icon} size={22} />
              <span>
                <b>{entry.title}</b>
                <small>{entry.about}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
