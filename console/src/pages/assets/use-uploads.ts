import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, unwrap } from "../../api/client";
import { ApiProblem, explain } from "../../api/problems";
import { readAsset } from "./asset-requests";
import { type Asset, freeName, nameOf } from "./asset-rules";
import { sendFile, waitForCheck } from "./sending";

/** One file on its way into the library. */
export interface FileUpload {
  id: string;
  file: File;
  /** The name of its asset. */
  name: string;
  phase: "announced" | "sending" | "checking" | "ready" | "slow" | "failed" | "cancelled";
  percent: number;
  /** Why it failed, for people. */
  reason: string;
  /** There is another file of that name. */
  taken: boolean;
  asset: Asset | null;
}

export const isActive = ({ phase }: FileUpload) => ["announced", "sending", "checking"].includes(phase);

const AT_ONCE = 3;
const TAKEN = "The library has a file of this name already, or somebody is just uploading one.";

/** Uploads files into the library, or with `replaces` a new file for that asset. Leaving the page ends what is not sent. */
export function useUploads({ replaces, onReady }: { replaces?: Asset; onReady?(asset: Asset): void }) {
  const [uploads, setUploads] = useState<FileUpload[]>([]);
  const running = useRef(new Map<string, AbortController>());
  const ready = useRef(onReady);
  ready.current = onReady;
  const queries = useQueryClient();

  useEffect(() => {
    const all = running.current;
    return () => {
      for (const each of all.values()) each.abort();
    };
  }, []);

  const change = useCallback(
    (id: string, to: Partial<FileUpload>) =>
      setUploads((now) => now.map((each) => (each.id === id ? { ...each, ...to } : each))),
    [],
  );

  const run = useCallback(
    async ({ id, file, name }: FileUpload, replacing: boolean) => {
      const controller = new AbortController();
      const { signal } = controller;
      running.current.set(id, controller);
      change(id, { phase: "announced", percent: 0, reason: "", taken: false, name });
      try {
        const { upload } = await announce(name, file, replacing, signal);
        change(id, { phase: "sending" });
        await sendFile(upload, file, { signal, onProgress: (percent) => change(id, { percent }) });
        change(id, { phase: "checking", percent: 100 });
        const { asset, outcome } = await waitForCheck(() => readAsset(name), signal);
        if (outcome.is === "ready") {
          change(id, { phase: "ready", asset });
          ready.current?.(asset);
        } else if (outcome.is === "rejected") change(id, { phase: "failed", reason: outcome.reason });
        else change(id, { phase: "slow", asset });
      } catch (error) {
        if (signal.aborted) change(id, { phase: "cancelled" });
        else if (isTaken(error)) change(id, { phase: "failed", reason: TAKEN, taken: true });
        else change(id, { phase: "failed", reason: explain(error) });
      } finally {
        running.current.delete(id);
        void queries.invalidateQueries({ queryKey: ["assets"] });
      }
    },
    [change, queries],
  );

  // A few at a time: the rest waits as "announced".
  useEffect(() => {
    const waiting = uploads.filter((each) => each.phase === "announced" && !running.current.has(each.id));
    for (const each of waiting.slice(0, Math.max(0, AT_ONCE - running.current.size))) {
      void run(each, replaces !== undefined);
    }
  }, [uploads, run, replaces]);

  const add = (files: readonly File[]) => {
    const taken = new Set(uploads.filter((each) => each.phase !== "cancelled").map((each) => each.name));
    const added = (replaces ? files.slice(0, 1) : files).map((file): FileUpload => {
      const name = replaces ? replaces.name : freeName(nameOf(file.name), taken);
      taken.add(name);
      return {
        id: crypto.randomUUID(),
        file,
        name,
        phase: "announced",
        percent: 0,
        reason: "",
        taken: false,
        asset: null,
      };
    });
    setUploads((now) => (replaces ? added : [...now, ...added]));
  };

  return {
    uploads,
    add,
    cancel(id: string) {
      const controller = running.current.get(id);
      if (controller) controller.abort();
      else change(id, { phase: "cancelled" });
    },
    retry: (upload: FileUpload) => void run(upload, replaces !== undefined),
    /** The file replaces the one that has its name. */
    replace: (upload: FileUpload) => void run(upload, true),
    /** The file is added under a name that is free. */
    addBeside(upload: FileUpload, taken: ReadonlySet<string>) {
      void run({ ...upload, name: freeName(upload.name, taken) }, false);
    },
    forget: (id: string) => setUploads((now) => now.filter((each) => each.id !== id)),
  };
}

function announce(name: string, file: File, replacing: boolean, signal: AbortSignal) {
  const { size, type: mime, name: filename } = file;
  if (!replacing) return unwrap(api().POST("/assets", { body: { name, filename, size, mime }, signal }));
  return unwrap(
    api().POST("/assets/{name}/uploads", { params: { path: { name } }, body: { filename, size, mime }, signal }),
  );
}

function isTaken(error: unknown): boolean {
  return error instanceof ApiProblem && error.kind === "conflict";
}
