import { useQuery } from "@tanstack/react-query";
import { allPages, api, unwrap, unwrapWithEtag } from "../../api/client";
import { fewAtATime } from "../../api/few-at-a-time";
import type { FlowHead } from "./flow-rules";

const YAML = "application/yaml";

export function useFlows() {
  return useQuery({
    queryKey: ["flows"],
    queryFn: () => allPages((cursor) => api().GET("/flows", { params: { query: { limit: 100, cursor } } })),
  });
}

const inTurn = fewAtATime(3);

/** Whether a flow's draft differs from its live version; null while that is not known, or there is nothing to compare. */
export function useChanged({ name, version, draft }: FlowHead): boolean | null {
  const detail = useQuery({
    queryKey: ["flow", name, "changed", version, draft?.revision],
    queryFn: () => inTurn(async () => (await readFlow(name)).data.changed),
    enabled: version !== null && draft !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return detail.data ?? null;
}

/** Whether a flow that is not live was live once. */
export function useWasLive({ name, version }: FlowHead): boolean | null {
  const versions = useQuery({
    queryKey: ["flow", name, "was-live"],
    queryFn: () =>
      inTurn(async () => {
        const query = { params: { path: { flow: name }, query: { limit: 1 } } };
        const { data } = await api().GET("/flows/{flow}/versions", query);
        return data !== undefined && data.items.length > 0; // 404: it has no versions
      }),
    enabled: version === null,
    staleTime: 60_000,
  });
  return versions.data ?? null;
}

/** How many problems a flow's draft has; null while that is not known, or without a draft. */
export function useProblemCount({ name, draft }: FlowHead): number | null {
  const findings = useQuery({
    queryKey: ["draft", name, "problems", draft?.revision],
    queryFn: () => inTurn(async () => (await validate(name)).problems.length),
    enabled: draft !== null,
    staleTime: 60_000,
  });
  return findings.data ?? null;
}

/** The problems of a text; without one, of the draft. */
export function validate(flow: string, yaml?: string) {
  return unwrap(
    api().POST("/flows/{flow}/validate", {
      params: { path: { flow } },
      body: yaml === undefined ? undefined : { yaml },
    }),
  );
}

export function readFlow(flow: string) {
  return unwrapWithEtag(api().GET("/flows/{flow}", { params: { path: { flow } } }));
}

/** The YAML text of a flow: its draft, or the live version. */
export async function readText(flow: string, which: "draft" | number): Promise<string> {
  const as = { headers: { Accept: YAML }, parseAs: "text" } as const;
  return unwrap(
    which === "draft"
      ? api().GET("/flows/{flow}/draft", { params: { path: { flow } }, ...as })
      : api().GET("/flows/{flow}/versions/{version}", { params: { path: { flow, version: which } }, ...as }),
  );
}

/** Store the draft of a flow that does not exist yet. Throws ApiProblem (edit-conflict) if it does. */
export function createDraft(flow: string, text: string) {
  return unwrap(
    api().PUT("/flows/{flow}/draft", {
      params: { path: { flow }, header: { "If-None-Match": "*" } },
      headers: { "Content-Type": YAML },
      body: text as never, // the generated types know the JSON form only
      bodySerializer: (body: unknown) => body as string,
    }),
  );
}

interface Removal {
  etag: string;
  force: boolean;
}

export async function deleteFlow(flow: string, { etag, force }: Removal): Promise<void> {
  await unwrap(
    api().DELETE("/flows/{flow}", {
      params: { path: { flow }, header: { "If-Match": etag }, query: force ? { force } : {} },
    }),
  );
}

export async function unpublishFlow(flow: string, note: string, { etag, force }: Removal): Promise<void> {
  await unwrap(
    api().POST("/flows/{flow}/unpublish", {
      params: { path: { flow }, header: { "If-Match": etag }, query: force ? { force } : {} },
      body: { note },
    }),
  );
}
