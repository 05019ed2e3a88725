import { useEffect, useRef } from "react";
import { useEditor } from "./editor-state";
import { keyAction, takesKeys } from "./keys";
import type { Commands } from "./use-commands";

interface Handlers {
  find(): void;
  keys(): void;
  add(): void;
  tidy(): void;
}

/**
 * The keys of the editor. Those that act on nodes need the focus in the canvas or the outline; none acts in a text field or
 * while a dialog is open. The arrow keys belong to the canvas. Copy, cut and paste are the browser's own, so that they need
 * no permission.
 */
export function useEditorKeys(commands: Commands, handlers: Handlers): void {
  const editor = useEditor();
  const newest = useRef({ editor, commands, handlers });
  newest.current = { editor, commands, handlers };

  useEffect(() => {
    const inView = () => document.activeElement?.closest("[data-editor-view]") != null;
    const isMine = (event: Event) =>
      !event.defaultPrevented && !takesKeys(event.target as Element) && !document.querySelector("[role='dialog']");

    const onKeyDown = (event: KeyboardEvent) => {
      const { editor, commands, handlers } = newest.current;
      const action = keyAction(event, inView());
      if (!action || !isMine(event)) return;
      const mayEdit = !editor.readOnly;
      const act: Partial<Record<typeof action, () => void>> = {
        undo: editor.undo,
        redo: editor.redo,
        find: handlers.find,
        keys: handlers.keys,
        clear: () => (editor.opened ? editor.close() : editor.select([])),
        "select-all": () => editor.select(editor.shown?.nodes.map((node) => node.id) ?? []),
        ...(mayEdit && {
          add: handlers.add,
          tidy: handlers.tidy,
          duplicate: () => commands.duplicate(editor.selection),
          delete: () => commands.remove(editor.selection),
        }),
      };
      if (!act[action]) return;
      event.preventDefault();
      act[action]();
    };

    const onClipboard = (event: ClipboardEvent) => {
      const { editor, commands } = newest.current;
      if (!inView() || !isMine(event) || document.getSelection()?.isCollapsed === false) return;
      if (event.type === "paste") {
        const yaml = event.clipboardData?.getData("text/plain") ?? "";
        if (editor.readOnly || yaml.trim() === "") return;
        commands.paste(yaml);
      } else {
        const yaml = commands.copied();
        if (yaml === "") return;
        event.clipboardData?.setData("text/plain", yaml);
        if (event.type === "cut" && !editor.readOnly) commands.remove(editor.selection);
        else
          editor.announce(
            `Copied ${editor.selection.length === 1 ? editor.selection[0] : `${editor.selection.length} nodes`}`,
          );
      }
      event.preventDefault();
    };

    document.addEventListener("keydown", onKeyDown);
    for (const type of ["copy", "cut", "paste"] as const) document.addEventListener(type, onClipboard);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      for (const type of ["copy", "cut", "paste"] as const) document.removeEventListener(type, onClipboard);
    };
  }, []);
}
