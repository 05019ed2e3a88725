/** The text that is not saved yet, kept in this browser for one user and flow. */
export interface UnsavedCopy {
  text: string;
  /** The draft that it goes back to; null: there was none. */
  etag: string | null;
  /** The text of that draft, or the live text; "" where it is not known. */
  base: string;
  /** When it was last changed, RFC 3339. */
  at: string;
}

const PREFIX = "chatflow-unsaved";

export function keepCopy(user: string, flow: string, copy: UnsavedCopy): void {
  try {
    window.localStorage.setItem(keyOf(user, flow), JSON.stringify(copy));
  } catch {
    // The browser's storage is full or switched off: saving goes on without a copy.
  }
}

export function forgetCopy(user: string, flow: string): void {
  window.localStorage.removeItem(keyOf(user, flow));
}

export function storedCopy(user: string, flow: string): UnsavedCopy | null {
  try {
    const found = JSON.parse(window.localStorage.getItem(keyOf(user, flow)) ?? "null") as Partial<UnsavedCopy> | null;
    if (typeof found?.text !== "string") return null;
    const etag = typeof found.etag === "string" ? found.etag : null;
    return { text: found.text, etag, base: String(found.base ?? ""), at: String(found.at ?? "") };
  } catch {
    return null;
  }
}

function keyOf(user: string, flow: string): string {
  return JSON.stringify([PREFIX, user, flow]);
}
