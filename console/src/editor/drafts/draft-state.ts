/**
 * What is saved of a flow's text, as a machine without timers and requests: `next` answers each event with the state that
 * follows, and `state.request` is the one request that is under way. One request at a time, so that own saves never
 * overtake each other.
 *
 * The rule: the text that a save replaces has been seen by this user. It was loaded, was saved from here, or was shown in a
 * conflict that the user decided.
 */

/** A draft as it is stored. Without an `etag` there is no draft; `text` is then the live text, or empty. */
export interface Stored {
  etag: string | null;
  text: string;
  /** Empty where nobody is known: there is no draft. */
  by: string;
  at: string;
}

export type Request =
  | { id: number; kind: "save"; text: string; etag: string | null; allowEmpty: boolean }
  | { id: number; kind: "read" };

/** Why the text is not saved. Only `away` is tried again without the user. */
export type Trouble =
  | { kind: "away" }
  | { kind: "signed-out" }
  | { kind: "empties" }
  | { kind: "refused"; why: string };

export interface DraftState {
  /** What the editor shows. */
  text: string;
  seen: Stored;
  request: Request | null;
  /** Texts whose save was not answered: each may have taken place. */
  unanswered: readonly string[];
  trouble: Trouble | null;
  /** What someone else stored meanwhile; nothing is saved until the user decides. */
  conflict: Stored | null;
  /** Save again as soon as the request under way is answered. */
  hurry: boolean;
  /** Attempts without an answer, one after another. */
  failures: number;
  requests: number;
}

export type DraftEvent =
  | { type: "edited"; text: string }
  | { type: "save"; allowEmpty?: boolean }
  /** Someone else seems to have saved: see what is stored. */
  | { type: "look" }
  | { type: "saved"; id: number; etag: string; by: string; at: string }
  | { type: "read"; id: number; stored: Stored }
  | { type: "overtaken"; id: number }
  | { type: "failed"; id: number; trouble: Trouble }
  /** The user saw the stored text of the conflict. `text` is what is to be saved over it, or the stored text itself. */
  | { type: "decided"; text: string }
  /** The draft was deleted from here; `live` is what is left. */
  | { type: "discarded"; live: string };

export function opened(stored: Stored): DraftState {
  return {
    text: stored.text,
    seen: stored,
    request: null,
    unanswered: [],
    trouble: null,
    conflict: null,
    hurry: false,
    failures: 0,
    requests: 0,
  };
}

/** A text that was not saved in an earlier visit, and what it goes back to: the draft's ETag, its text ("": not known). */
export function resumed(stored: Stored, text: string, etag: string | null, base: string): DraftState {
  const state = { ...opened(stored), text };
  if (etag === stored.etag || text === stored.text) return state;
  return { ...state, seen: { etag, text: base, by: "", at: "" }, conflict: stored };
}

export function isUnsaved(state: DraftState): boolean {
  if (state.conflict || state.unanswered.length > 0 || state.request) return true;
  return state.text !== state.seen.text;
}

export function next(state: DraftState, event: DraftEvent): DraftState {
  if ("id" in event && event.id !== state.request?.id) return state; // the answer to an earlier question
  switch (event.type) {
    case "edited":
      if (event.text === state.text) return state;
      // A changed text may be accepted where the last one was refused.
      return { ...state, text: event.text, trouble: dependsOnText(state.trouble) ? null : state.trouble };
    case "save":
      return save(state, event.allowEmpty ?? false);
    case "look":
      return state.request || state.conflict ? state : ask(state);
    case "saved": {
      if (state.request?.kind !== "save") return state;
      const seen = { etag: event.etag, text: state.request.text, by: event.by, at: event.at };
      return goOn({ ...state, seen, unanswered: [], ...answered });
    }
    case "read":
      return afterReading(state, event.stored);
    case "overtaken":
      return ask({ ...state, failures: 0 });
    case "failed": {
      const lost = event.trouble.kind === "away";
      const sent = lost && state.request?.kind === "save" ? [state.request.text] : [];
      return {
        ...state,
        request: null,
        hurry: false,
        trouble: event.trouble,
        unanswered: [...state.unanswered, ...sent],
        failures: lost ? state.failures + 1 : 0,
      };
    }
    case "decided":
      if (!state.conflict) return state;
      return goOn({ ...state, text: event.text, seen: state.conflict, conflict: null, trouble: null, hurry: true });
    case "discarded":
      return { ...opened({ etag: null, text: event.live, by: "", at: "" }), requests: state.requests };
  }
}

function dependsOnText(trouble: Trouble | null): boolean {
  return trouble?.kind === "empties" || trouble?.kind === "refused";
}

const answered = { request: null, trouble: null, failures: 0 } as const;

function save(state: DraftState, allowEmpty: boolean): DraftState {
  if (state.conflict) return state;
  if (state.request) return { ...state, hurry: true };
  // Back at the stored text; but an unanswered save may have stored another one.
  if (state.text === state.seen.text) return state.unanswered.length > 0 ? ask(state) : { ...state, trouble: null };
  const id = state.requests + 1;
  const request: Request = { id, kind: "save", text: state.text, etag: state.seen.etag, allowEmpty };
  return { ...state, request, requests: id, hurry: false };
}

/** Read what is stored. */
function ask(state: DraftState): DraftState {
  const id = state.requests + 1;
  return { ...state, request: { id, kind: "read" }, requests: id };
}

function goOn(state: DraftState): DraftState {
  return state.hurry ? save({ ...state, hurry: false }, false) : state;
}

/** The save was overtaken: by this user's own unanswered save, or by someone else. */
function afterReading(state: DraftState, stored: Stored): DraftState {
  const known = [state.seen.text, state.text, ...state.unanswered];
  if (known.includes(stored.text)) {
    return goOn({ ...state, seen: stored, unanswered: [], ...answered, hurry: true });
  }
  return { ...state, ...answered, unanswered: [], hurry: false, conflict: stored };
}
