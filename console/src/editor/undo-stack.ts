/** Snapshots of a text, for undo and redo. Immutable. */
export interface UndoStack {
  past: readonly Step[];
  text: string;
  future: readonly Step[];
}

interface Step {
  text: string;
  /** The change that led away from this text (past), or to it (future). */
  what: string;
}

const MOST_STEPS = 200;

export function newStack(text: string): UndoStack {
  return { past: [], text, future: [] };
}

/** One further step. Writing in one field is one step: changes with the same `what` within a burst are joined. */
export function push(stack: UndoStack, what: string, text: string, joined: boolean): UndoStack {
  if (text === stack.text) return stack;
  const join = joined && stack.past.at(-1)?.what === what && stack.future.length === 0;
  const past = join ? stack.past : [...stack.past, { text: stack.text, what }].slice(-MOST_STEPS);
  return { past, text, future: [] };
}

export function undo(stack: UndoStack): UndoStack {
  const step = stack.past.at(-1);
  if (!step) return stack;
  return {
    past: stack.past.slice(0, -1),
    text: step.text,
    future: [{ text: stack.text, what: step.what }, ...stack.future],
  };
}

export function redo(stack: UndoStack): UndoStack {
  const [step, ...future] = stack.future;
  if (!step) return stack;
  return { past: [...stack.past, { text: stack.text, what: step.what }], text: step.text, future };
}
