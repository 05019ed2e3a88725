import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useMe, useRole } from "../../app/context";
import { useEditor } from "../editor-state";
import { ConflictDialog } from "./conflict-dialog";
import { DraftSaving } from "./draft-saving";
import { deleteDraft, readDraft, saveDraft, troubleOf } from "./draft-server";
import { type DraftState, isUnsaved, opened, resumed, type Stored } from "./draft-state";
import { EmptiesDialog } from "./empties-dialog";
import { forgetCopy, keepCopy, storedCopy, type UnsavedCopy } from "./unsaved-copy";
import { UnsavedDialog } from "./unsaved-dialog";
import { useValidation, type Validation } from "./validation";

export interface Draft extends Validation {
  state: DraftState;
  unsaved: boolean;
  saveNow(): void;
  /** Someone else seems to have saved: show what is stored, and let the user decide. */
  look(): void;
  /** Show the conflict again that the user left open. */
  decide(): void;
  /** Save, and wait until all is stored. Returns the stored draft, or null when the text could not be saved. */
  saved(): Promise<Stored | null>;
  /** Delete the draft; the editor shows the live text then, and undo brings the text back. */
  discard(live: string): Promise<void>;
}

const Context = createContext<Draft | null>(null);

export function useDraft(): Draft {
  const draft = useContext(Context);
  if (!draft) throw new Error("useDraft() outside of DraftProvider");
  return draft;
}

/** The draft to open in the editor, without an ETag where the live text is shown. Not read again while the editor is open. */
export function useStoredDraft(flow: string) {
  return useQuery({
    queryKey: ["draft", flow],
    queryFn: () => readDraft(flow),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

interface Props {
  /** What `useStoredDraft` read; EditorProvider began with its text. */
  stored: Stored;
  children: ReactNode;
}

/** Keeps the text of the editor around it: saves it, and a copy in this browser until it is saved. */
export function DraftProvider({ stored, children }: Props) {
  const editor = useEditor();
  const mayEdit = useRole("editor");
  const user = useMe().data?.name ?? "";
  const queries = useQueryClient();
  const flow = editor.name;
  const saving = useMemo(
    () =>
      new DraftSaving(opened(stored), {
        save: (request) => saveDraft(flow, request),
        read: () => readDraft(flow),
        troubleOf,
      }),
    [flow, stored],
  );
  const state = useSyncExternalStore(saving.subscribe, saving.snapshot);
  const unsaved = mayEdit && isUnsaved(state);
  const [copy, setCopy] = useState<UnsavedCopy | null>(null);
  const lookedFor = useRef("");
  const [later, setLater] = useState<Stored | null>(null);

  useEffect(() => {
    saving.start();
    return () => saving.stop();
  }, [saving]);

  // A copy of an earlier visit, once it is known who the user is.
  useEffect(() => {
    if (!user || !mayEdit || lookedFor.current === `${user} ${flow}`) return;
    lookedFor.current = `${user} ${flow}`;
    const found = storedCopy(user, flow);
    if (found && found.text !== stored.text) setCopy(found);
    else forgetCopy(user, flow);
  }, [user, mayEdit, flow, stored]);

  useEffect(() => {
    if (mayEdit) saving.send({ type: "edited", text: editor.text });
  }, [saving, editor.text, mayEdit]);

  const { etag, text: base } = state.seen;
  const ready = lookedFor.current !== "" && copy === null;
  useEffect(() => {
    if (!ready) return;
    if (unsaved) keepCopy(user, flow, { text: state.text, etag, base, at: new Date().toISOString() });
    else forgetCopy(user, flow);
  }, [ready, unsaved, user, flow, state.text, etag, base]);

  // What other pages and parts show of the flow is out of date with each save.
  useEffect(() => {
    if (etag === stored.etag) return;
    void queries.invalidateQueries({ queryKey: ["flow", flow] });
    void queries.invalidateQueries({ queryKey: ["flows"] });
  }, [queries, flow, etag, stored]);

  // Who leaves to sign in again is not asked: the copy in this browser is what they come back to.
  const mayLeave = !unsaved || state.trouble?.kind === "signed-out";
  useEffect(() => {
    if (mayLeave) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [mayLeave]);

  const saveNow = useCallback(() => saving.send({ type: "save" }), [saving]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s")
        return;
      event.preventDefault();
      if (mayEdit) saveNow();
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("online", saveNow);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("online", saveNow);
    };
  }, [saveNow, mayEdit]);

  const { change } = editor;
  const { checking, check } = useValidation(flow, editor.text, editor.report);
  const draft = useMemo<Draft>(
    () => ({
      state,
      unsaved,
      checking,
      check,
      saveNow,
      look: () => {
        setLater(null);
        saving.send({ type: "look" });
      },
      decide: () => setLater(null),
      saved: () => untilSaved(saving),
      discard: async (live) => {
        if (saving.state.seen.etag) await deleteDraft(flow, saving.state.seen.etag);
        saving.send({ type: "discarded", live });
        change("Discard the draft", () => live);
      },
    }),
    [state, unsaved, checking, check, saveNow, saving, flow, change],
  );

  const decide = (what: string, text: string) => {
    saving.send({ type: "decided", text });
    change(what, () => text);
  };
  return (
    <Context value={draft}>
      {children}
      {copy && (
        <UnsavedDialog
          copy={copy}
          stored={stored}
          onTakeUp={() => {
            setCopy(null);
            saving.resume(resumed(stored, copy.text, copy.etag, copy.base));
            change("Take up unsaved changes", () => copy.text);
          }}
          onDrop={() => setCopy(null)}
        />
      )}
      {!copy && state.conflict && state.conflict !== later && (
        <ConflictDialog
          key={state.conflict.etag}
          flow={flow}
          base={state.seen.text}
          mine={state.text}
          theirs={state.conflict}
          onDecide={decide}
          onLater={() => setLater(state.conflict)}
        />
      )}
      {state.trouble?.kind === "empties" && (
        <EmptiesDialog
          onEmpty={() => saving.send({ type: "save", allowEmpty: true })}
          onBack={() => change("Bring the nodes back", () => state.seen.text)}
        />
      )}
    </Context>
  );
}

function untilSaved(saving: DraftSaving): Promise<Stored | null> {
  return new Promise((resolve) => {
    let tried = false;
    const check = () => {
      const { request, conflict, trouble, seen } = saving.state;
      if (conflict || (tried && !request && trouble)) return finish(null);
      if (!isUnsaved(saving.state)) return finish(seen);
      if (request) tried = true;
      else if (!tried) queueMicrotask(() => saving.send({ type: "save" }));
      else saving.send({ type: "save" });
    };
    const stop = saving.subscribe(check);
    const finish = (result: Stored | null) => {
      stop();
      resolve(result);
    };
    check();
  });
}
