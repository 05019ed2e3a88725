import { api, unwrap, unwrapWithEtag } from "../../api/client";
import { ApiProblem, SignedOut } from "../../api/problems";
import type { components } from "../../api/schema";
import type { Request, Stored, Trouble } from "./draft-state";

export type FlowDetail = components["schemas"]["FlowDetail"];

const YAML = { Accept: "application/yaml" };

/** The draft of a flow; without one its live text, or "" for a flow that does not exist yet. */
export async function readDraft(flow: string): Promise<Stored> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const detail = await orNull(readFlow(flow));
    if (!detail?.draft) {
      const text = detail?.version ? await readVersion(flow, detail.version) : "";
      return { etag: null, text, by: "", at: "" };
    }
    const draft = await orNull(
      unwrapWithEtag(api().GET("/flows/{flow}/draft", { params: { path: { flow } }, headers: YAML, parseAs: "text" })),
    );
    // Text and author come by two requests; between them the draft may change.
    if (draft?.etag === draftEtag(detail.draft.revision)) {
      return { etag: draft.etag, text: String(draft.data), by: detail.draft.by, at: detail.draft.updated_at };
    }
  }
  throw new Error("The draft changes faster than it can be read. Try again in a moment.");
}

export function draftEtag(revision: number): string {
  return `"r${revision}"`;
}

export function readFlow(flow: string): Promise<FlowDetail> {
  return unwrap(api().GET("/flows/{flow}", { params: { path: { flow } } }));
}

/** The text of a version. */
export async function readVersion(flow: string, version: number): Promise<string> {
  const params = { path: { flow, version } };
  return String(
    await unwrap(api().GET("/flows/{flow}/versions/{version}", { params, headers: YAML, parseAs: "text" })),
  );
}

export async function saveDraft(flow: string, request: Request & { kind: "save" }) {
  const header = request.etag === null ? { "If-None-Match": "*" } : { "If-Match": request.etag };
  const query = request.allowEmpty ? { allow_empty: true } : {};
  const { data, etag } = await unwrapWithEtag(
    api().PUT("/flows/{flow}/draft", {
      params: { path: { flow }, header, query },
      headers: { "Content-Type": "application/yaml" },
      // The schema has one type for both forms of a document: an object or a text.
      body: request.text as unknown as never,
      bodySerializer: (body: unknown) => body as string,
    }),
  );
  return { etag, by: data.by, at: data.updated_at };
}

export async function deleteDraft(flow: string, etag: string): Promise<void> {
  await unwrap(api().DELETE("/flows/{flow}/draft", { params: { path: { flow }, header: { "If-Match": etag } } }));
}

/** What a failed request means for the draft; null: someone else changed it. */
export function troubleOf(error: unknown): Trouble | null {
  if (error instanceof SignedOut) return { kind: "signed-out" };
  if (error instanceof ApiProblem) {
    if (error.kind === "edit-conflict") return null;
    if (error.kind === "empties-flow") return { kind: "empties" };
    if (error.status === 429 || error.status >= 500) return { kind: "away" };
    return { kind: "refused", why: error.message };
  }
  // Whatever else happened on the way: nobody knows whether the save took place.
  return { kind: "away" };
}

async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null;
    throw error;
  }
}
