import Box from "@cloudscape-design/components/box";
import Input from "@cloudscape-design/components/input";
import { useMemo, useState } from "react";
import { Dialog } from "../app/dialog";
import { cardOf } from "../node-types/card";
import { Icon } from "./canvas/icon";
import { foundNodes } from "./commands";
import { useEditor } from "./editor-state";

const MOST = 50;

/** Finds a node by its name or any of its texts. */
export function FindDialog({ onChoose, onClose }: { onChoose(node: string): void; onClose(): void }) {
  const { shown, nodeTypes } = useEditor();
  const [search, setSearch] = useState("");
  const found = useMemo(() => (shown ? foundNodes(shown, search) : []), [shown, search]);
  return (
    <Dialog title="Find a node" onClose={onClose} focusField>
      <Input
        value={search}
        type="search"
        ariaLabel="Name or text of the node"
        clearAriaLabel="Clear"
        placeholder="Name or text of the node"
        onChange={({ detail }) => setSearch(detail.value)}
        onKeyDown={(event) => {
          if (event.detail.key !== "Enter" || !found[0]) return;
          event.preventDefault(); // else it presses the button that has the focus when the dialog is gone
          onChoose(found[0].id);
        }}
      />
      <Box color="text-body-secondary">
        <span role="status">{found.length === 1 ? "1 node" : `${found.length} nodes`}</span>
      </Box>
      <ul className="palette" aria-label="Nodes">
        {found.slice(0, MOST).map((node) => {
          const card = cardOf(nodeTypes, node);
          return (
            <li key={node.id}>
              <button type="button" onClick={() => onChoose(node.id)}>
                <Icon name={card.icon} size={22} />
                <span>
                  <b>{node.id}</b>
                  <small>{[card.title, ...card.lines.map((line) => line.text)].join(" · ")}</small>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {found.length > MOST && <Box color="text-body-secondary">Write more to find the others.</Box>}
    </Dialog>
  );
}
