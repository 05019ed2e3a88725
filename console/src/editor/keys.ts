/** The keys of the editor. */

export type KeyAction =
  | "undo"
  | "redo"
  | "duplicate"
  | "delete"
  | "select-all"
  | "open"
  | "clear"
  | "find"
  | "add"
  | "tidy"
  | "keys"
  | "left"
  | "right"
  | "up"
  | "down"
  | "move-left"
  | "move-right"
  | "move-up"
  | "move-down";

interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** Keys that act on nodes: only while the canvas or the outline has the focus. The others act in the whole editor. */
const NODE_KEYS: Record<string, KeyAction> = {
  "mod+a": "select-all",
  "mod+d": "duplicate",
  delete: "delete",
  backspace: "delete",
  enter: "open",
  escape: "clear",
  arrowleft: "left",
  arrowright: "right",
  arrowup: "up",
  arrowdown: "down",
  "shift+arrowleft": "move-left",
  "shift+arrowright": "move-right",
  "shift+arrowup": "move-up",
  "shift+arrowdown": "move-down",
  // Single letters act only in the view that has the focus (WCAG 2.1.4).
  "/": "find",
  a: "add",
  t: "tidy",
  "?": "keys",
};

const EDITOR_KEYS: Record<string, KeyAction> = {
  "mod+z": "undo",
  "mod+shift+z": "redo",
  "mod+y": "redo",
  "mod+f": "find",
};

/** What a press of a key asks for; null where it is none of the editor's keys. */
export function keyAction(press: Press, inView: boolean): KeyAction | null {
  if (press.altKey) return null;
  const key = press.key.toLowerCase();
  const mod = press.ctrlKey || press.metaKey ? "mod+" : "";
  const shift = press.shiftKey && (mod !== "" || key.startsWith("arrow")) ? "shift+" : "";
  const name = `${mod}${shift}${key}`;
  return EDITOR_KEYS[name] ?? (inView ? NODE_KEYS[name] : undefined) ?? null;
}

/** Whether keys belong to the element itself: a text field, a select box, the text view. */
export function takesKeys(element: Element | null): boolean {
  if (!element) return false;
  return (
    element.closest(
      "input, textarea, select, [contenteditable='true'], [contenteditable=''], [role='dialog'], [role='listbox'], [role='menu'], [role='combobox']",
    ) !== null
  );
}

/** For the list of keys that the editor shows. */
export const KEYS_SHOWN: { keys: string; what: string }[] = [
  { keys: "Arrow keys", what: "Go to the nearest node" },
  { keys: "Shift + arrow keys", what: "Move the selected nodes" },
  { keys: "Enter", what: "Open the form of the node" },
  { keys: "A", what: "Add a node" },
  { keys: "/ or Ctrl + F", what: "Find a node" },
  { keys: "Ctrl + A", what: "Select all nodes" },
  { keys: "Escape", what: "Select nothing" },
  { keys: "Ctrl + C, Ctrl + X, Ctrl + V", what: "Copy, cut and paste nodes" },
  { keys: "Ctrl + D", what: "Duplicate the selected nodes" },
  { keys: "Delete", what: "Delete the selected nodes" },
  { keys: "Ctrl + Z", what: "Undo" },
  { keys: "Ctrl + Shift + Z or Ctrl + Y", what: "Redo" },
  { keys: "Ctrl + S", what: "Save now" },
  { keys: "T", what: "Tidy up: lay out all nodes anew" },
  { keys: "?", what: "Show these keys" },
];
