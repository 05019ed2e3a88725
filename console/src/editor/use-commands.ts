import { useMemo, useRef } from "react";
import { copyNodes, deleteNodes, pasteNodes, type Target } from "../flow-text/flow-text";
import {
  freeExit,
  newNodeName,
  nodesInWords,
  type PaletteEntry,
  withDuplicates,
  withNewNode,
  withTarget,
} from "./commands";
import { type Editor, NAME_FIELD, useEditor } from "./editor-state";

export interface ExitOfNode {
  node: string;
  exit: string;
}

/** What a person can do to the flow, by the canvas, the outline, a menu or a key. */
export interface Commands {
  connect(exit: ExitOfNode, target: Target | null, instead?: ExitOfNode): void;
  /** Add a node and open its form; without `from` it is connected to the selected node where that has a free main exit. */
  add(entry: PaletteEntry, from: ExitOfNode | null): void;
  remove(ids: readonly string[]): void;
  duplicate(ids: readonly string[]): void;
  paste(yaml: string): void;
  /** The selected nodes as text; empty when there are none. */
  copied(): string;
}

export function useCommands(): Commands {
  const editor = useEditor();
  const newest = useRef<Editor>(editor);
  newest.current = editor;
  return useMemo(() => {
    const now = () => newest.current;
    return {
      connect(exit, target, instead) {
        const { change, nodeTypes } = now();
        const what = target ? `Connect ${exit.exit} of ${exit.node}` : `Disconnect ${exit.exit} of ${exit.node}`;
        change(what, (text) => withTarget(text, exit, target, nodeTypes, instead));
      },
      add(entry, from) {
        const { shown, nodeTypes, selection, change, select, open } = now();
        if (!shown) return;
        const id = newNodeName(shown, entry);
        const exit = from ?? freeExit(shown, selection.at(-1), nodeTypes);
        change(`Add ${id}`, (text) => withNewNode(text, shown, entry, id, exit, nodeTypes));
        select([id]);
        open(id, NAME_FIELD);
      },
      remove(ids) {
        const { nodeTypes, change, select } = now();
        if (ids.length === 0) return;
        change(`Delete ${nodesInWords(ids)}`, (text) => deleteNodes(text, [...ids], nodeTypes));
        select([]);
      },
      duplicate(ids) {
        const { nodeTypes, change, select } = now();
        if (ids.length === 0) return;
        let added: string[] = [];
        change(`Duplicate ${nodesInWords(ids)}`, (text) => {
          const pasted = withDuplicates(text, ids, nodeTypes);
          added = pasted.ids;
          return pasted.text;
        });
        if (added.length > 0) select(added);
      },
      paste(yaml) {
        const { nodeTypes, change, select } = now();
        let added: string[] = [];
        change("Paste", (text) => {
          const pasted = pasteNodes(text, yaml, nodeTypes);
          added = pasted.ids;
          return pasted.text;
        });
        if (added.length > 0) select(added);
      },
      copied: () => (now().selection.length > 0 ? copyNodes(now().text, [...now().selection]) : ""),
    };
  }, []);
}
