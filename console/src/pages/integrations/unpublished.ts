/** Changes of integrations that are not published yet. An integration has no draft at the server: they stay in this browser. */
export interface Unpublished {
  text: string;
  warnings: string[];
  /** The ETag of the live version that the changes began with; null for a new integration. */
  etag: string | null;
}

const key = (name: string) => `chatflow-integration-${name}`;

export function storedUnpublished(name: string): Unpublished | null {
  const stored = window.localStorage.getItem(key(name));
  return stored ? (JSON.parse(stored) as Unpublished) : null;
}

export function storeUnpublished(name: string, unpublished: Unpublished): void {
  window.localStorage.setItem(key(name), JSON.stringify(unpublished));
}

export function forgetUnpublished(name: string): void {
  window.localStorage.removeItem(key(name));
}
