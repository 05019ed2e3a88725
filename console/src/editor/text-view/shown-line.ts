import { useSyncExternalStore } from "react";

let shown: { line: number } | null = null;
const listeners = new Set<() => void>();

/** Show a line in the text view, also when that is opened only now. */
export function showLine(line: number): void {
  shown = { line };
  for (const listener of listeners) listener();
}

export function useShownLine(): { line: number } | null {
  return useSyncExternalStore(subscribe, () => shown);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    shown = null; // the text view was closed: the next one begins at its top
  };
}
