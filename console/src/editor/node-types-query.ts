import { useQuery } from "@tanstack/react-query";
import { allPages, api } from "../api/client";

/** The node types of this deployment; they change with a deploy only. */
export function useNodeTypes() {
  return useQuery({
    queryKey: ["node-types"],
    queryFn: () =>
      allPages((cursor) => api().GET("/node-types", { params: { query: { ...(cursor ? { cursor } : {}) } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
