import { useQuery } from "@tanstack/react-query";
import { allPages, api, unwrap, unwrapWithEtag } from "../../api/client";
import { fewAtATime } from "../../api/few-at-a-time";
import type { Asset } from "./asset-rules";

const LINKS_MS = 10 * 60_000; // links of thumbnails are valid for 15 minutes
const CHECKING_MS = 3_000;

/** All assets. While one of them is being checked, the list is read again every few seconds. */
export function useAssets() {
  return useQuery({
    queryKey: ["assets"],
    queryFn: () => allPages((cursor) => api().GET("/assets", { params: { query: { limit: 100, cursor } } })),
    refetchInterval: (query) =>
      query.state.data?.some((asset) => asset.upload?.state === "uploading") ? CHECKING_MS : LINKS_MS,
  });
}

export function useAsset(name: string | null) {
  return useQuery({
    queryKey: ["assets", name],
    queryFn: () => readAsset(name as string),
    enabled: name !== null && name !== "",
    staleTime: 60_000,
    refetchInterval: LINKS_MS,
  });
}

const inTurn = fewAtATime(3);

/** The live flows that send an asset, with their nodes. */
export function useUsage(name: string) {
  return useQuery({
    queryKey: ["assets", name, "usage"],
    queryFn: () => inTurn(async () => (await unwrap(api().GET("/assets/{name}/usage", at(name)))).used_by),
    staleTime: 30_000,
  });
}

export function useVersions(name: string) {
  return useQuery({
    queryKey: ["assets", name, "versions"],
    queryFn: () =>
      allPages((cursor) =>
        api().GET("/assets/{name}/versions", { params: { path: { name }, query: { limit: 100, cursor } } }),
      ),
  });
}

export function readAsset(name: string): Promise<Asset> {
  return unwrap(api().GET("/assets/{name}", at(name)));
}

/** Change the filename that customers see, of the asset as it is now. */
export async function renameAsset(name: string, filename: string): Promise<Asset> {
  const etag = await etagOf(name);
  return unwrap(
    api().PATCH("/assets/{name}", {
      params: { path: { name }, header: { "If-Match": etag } },
      body: { filename },
    }),
  );
}

export async function deleteAsset(name: string, { force }: { force: boolean }): Promise<void> {
  const etag = await etagOf(name);
  await unwrap(
    api().DELETE("/assets/{name}", {
      params: { path: { name }, header: { "If-Match": etag }, query: force ? { force } : {} },
    }),
  );
}

async function etagOf(name: string): Promise<string> {
  return (await unwrapWithEtag(api().GET("/assets/{name}", at(name)))).etag;
}

function at(name: string) {
  return { params: { path: { name } } };
}
