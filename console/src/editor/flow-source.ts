import { useQuery } from "@tanstack/react-query";
import { api, unwrap, unwrapWithEtag } from "../api/client";
import { ApiProblem } from "../api/problems";

/** The text that the editor begins with. */
export interface FlowSource {
  text: string;
  /** Of the draft; null when there is none and the text is that of the live version. */
  etag: string | null;
}

/** The draft of a flow, or the source of its live version when there is no draft. Read once for each visit of the editor. */
export function useFlowSource(flow: string) {
  return useQuery({
    queryKey: ["draft", flow, "source"],
    queryFn: () => readSource(flow),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

async function readSource(flow: string): Promise<FlowSource> {
  try {
    const { data, etag } = await unwrapWithEtag<string>(
      api().GET("/flows/{flow}/draft", {
        params: { path: { flow } },
        headers: { Accept: "application/yaml" },
        parseAs: "text",
      }) as never,
    );
    return { text: data, etag };
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
  }
  const { version } = await unwrap(api().GET("/flows/{flow}", { params: { path: { flow } } }));
  if (version === null || version === undefined) throw new Error(`The flow ${flow} has neither a draft nor a live version.`);
  const text = await unwrap<string>(
    api().GET("/flows/{flow}/versions/{version}", {
      params: { path: { flow, version } },
      headers: { Accept: "application/yaml" },
      parseAs: "text",
    }) as never,
  );
  return { text, etag: null };
}
