import type { Places } from "./canvas/places";

/** What undo brings back: the flow's text, and where a person put its nodes. */
export interface Snapshot {
  text: string;
  places: Places;
}

/** Snapshots for undo and redo. Immutable. */
export interface UndoStack {
  past: readonly Step[];
  now: Snapshot;
  future: readonly Step[];
}

interface Step extends Snapshot {
  /** The change that led away from this snapshot (past), or to it (future). */
  what: string;
}

const MOST_STEPS = 200;

export function newStack(now: Snapshot): UndoStack {
  return { past: [], now, future: [] };
}

/** One further step. Writing in one field is one step: changes with the same `what` within a burst are joined. */
export function push(stack: UndoStack, what: string, change: Partial<Snapshot>, joined: boolean): UndoStack {
  const now = { ...stack.now, ...change };
  if (now.text === stack.now.text && now.places === stack.now.places) return stack;
  const join = joined && stack.past.at(-1)?.what === what && stack.future.length === 0;
  const past = join ? stack.past : [...stack.past, { ...stack.now, what }].slice(-MOST_STEPS);
  return { past, now, future: [] };
}

export function undo(stack: UndoStack): UndoStack {
  const step = stack.past.at(-1);
  if (!step) return stack;
  const { what, ...now } = step;
  return { past: stack.past.slice(0, -1), now, future: [{ ...stack.now, what }, ...stack.future] };
}

export function redo(stack: UndoStack): UndoStack {
  const [step, ...future] = stack.future;
  if (!step) return stack;
  const { what, ...now } = step;
  return { past: [...stack.past, { ...stack.now, what }], now, future };
}
