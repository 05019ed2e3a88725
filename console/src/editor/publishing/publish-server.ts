import { api, unwrap } from "../../api/client";
import type { components } from "../../api/schema";
import type { FlowDetail } from "../drafts/draft-server";
import { readFlow, readVersion } from "../drafts/draft-server";

export type Published = components["schemas"]["Published"];

/** The flow, and the text of its live version; null where it is not live. */
export async function readLive(flow: string): Promise<{ detail: FlowDetail; text: string | null }> {
  const detail = await readFlow(flow);
  return { detail, text: detail.version ? await readVersion(flow, detail.version) : null };
}

/** Publish the draft with this ETag. The same `key` publishes once, also when an answer was lost. */
export function publish(flow: string, etag: string, note: string, key: string): Promise<Published> {
  const header = { "If-Match": etag, "Idempotency-Key": key };
  return unwrap(api().POST("/flows/{flow}/publish", { params: { path: { flow }, header }, body: { note } }));
}

export function rollBack(flow: string, version: number, note: string, key: string): Promise<Published> {
  const header = { "Idempotency-Key": key };
  return unwrap(api().POST("/flows/{flow}/rollback", { params: { path: { flow }, header }, body: { version, note } }));
}
