import type { components } from "../../api/schema";

export type Asset = components["schemas"]["AssetHead"];
export type AssetVersion = components["schemas"]["AssetVersion"];
export type Kind = NonNullable<Asset["kind"]>;

export const KINDS: readonly Kind[] = ["image", "document", "audio", "video"];

const KIND_WORDS: Record<Kind, string> = { image: "Image", document: "Document", audio: "Audio", video: "Video" };

/** The word for a kind of file; a file that has not arrived may have none. */
export function kindWords(kind: Kind | null): string {
  return kind ? KIND_WORDS[kind] : "Not known yet";
}

/** "an image or a document", for a sentence about what is wanted. */
export function wantedKinds(kinds: readonly Kind[]): string {
  const words = kinds.map((kind) => (kind === "audio" ? "a sound" : kind === "image" ? "an image" : `a ${kind}`));
  return words.length < 2 ? (words[0] ?? "a file") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

export function sizeWords(bytes: number | null): string {
  if (bytes === null) return "";
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / (1024 * 1024)).toFixed(1)} MB`;
}

/** What became of the file that was last sent for an asset. */
export type Outcome = { is: "waiting" } | { is: "ready" } | { is: "rejected"; reason: string };

export function outcomeOf(asset: Asset): Outcome {
  if (asset.upload?.state === "uploading") return { is: "waiting" };
  if (asset.upload?.state === "rejected") return { is: "rejected", reason: asset.upload.reason };
  if (asset.state === "rejected") return { is: "rejected", reason: asset.reason };
  return asset.state === "ready" ? { is: "ready" } : { is: "waiting" };
}

export interface Filter {
  search: string;
  kind: Kind | null;
  state: Asset["state"] | null;
}

export function isFound(asset: Asset, { search, kind, state }: Filter): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return (
    (kind === null || asset.kind === kind) &&
    (state === null || asset.state === state) &&
    (!wanted || [asset.name, asset.filename].some((text) => text.toLocaleLowerCase().includes(wanted)))
  );
}

export type Order = "name" | "newest" | "largest";

export function inOrder(assets: readonly Asset[], order: Order): Asset[] {
  const byName = (a: Asset, b: Asset) => a.filename.localeCompare(b.filename) || a.name.localeCompare(b.name);
  return assets.toSorted((a, b) => {
    if (order === "newest") return b.updated_at.localeCompare(a.updated_at) || byName(a, b);
    if (order === "largest") return (b.size ?? 0) - (a.size ?? 0) || byName(a, b);
    return byName(a, b);
  });
}

const LONGEST_NAME = 100;

/** A name by which flows can refer to a file, as the API would make it of the file's name. */
export function nameOf(filename: string): string {
  const plain = filename.normalize("NFKD").replace(/\p{M}/gu, "").replace(/ß/g, "ss");
  const dot = plain.lastIndexOf(".");
  const extension =
    dot < 0
      ? ""
      : plain
          .slice(dot + 1)
          .replace(/[^A-Za-z0-9]/g, "")
          .slice(0, 8);
  const room = LONGEST_NAME - extension.length - 1;
  const stem = (dot < 0 ? plain : plain.slice(0, dot))
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-._]+/, "")
    .slice(0, room)
    .replace(/[-._]+$/, "");
  return extension ? `${stem || "file"}.${extension}` : stem || "file";
}

/** `name`, or `name-2`, `name-3`, ... before its ending: the first that is not taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    const suffix = `-${number}${ending}`;
    free = `${stem.slice(0, LONGEST_NAME - suffix.length)}${suffix}`;
  }
  return free;
}
