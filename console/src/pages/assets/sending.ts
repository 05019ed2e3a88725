import type { components } from "../../api/schema";
import { type Asset, type Outcome, outcomeOf } from "./asset-rules";

export type UploadForm = components["schemas"]["UploadForm"];

/** The storage refused the bytes, or they did not get there. The message is for people. */
export class SendingFailed extends Error {
  override readonly name = "SendingFailed";
}

/** Send a file with the form that the API gave. `onProgress`: percent. Rejects with SendingFailed, or the abort reason. */
export function sendFile(
  form: UploadForm,
  file: File,
  { onProgress, signal }: { onProgress(percent: number): void; signal: AbortSignal },
): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append("file", file); // the last one: S3 ignores what follows it
  // Not fetch: it does not tell how much was sent.
  const request = new XMLHttpRequest();
  return new Promise((done, failed) => {
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(Math.round((100 * event.loaded) / event.total));
    };
    request.onload = () =>
      request.status >= 200 && request.status < 300 ? done() : failed(new SendingFailed(refusal(request.responseText)));
    request.onerror = () =>
      failed(new SendingFailed("The file did not get there. Check your connection, then try again."));
    request.onabort = () => failed(signal.reason);
    request.onloadend = () => signal.removeEventListener("abort", stop);
    request.open("POST", form.url);
    request.send(body);
  });
}

/** What an error document of S3 means to a person. */
export function refusal(document: string): string {
  const code = /<Code>([^<]*)<\/Code>/.exec(document)?.[1] ?? "";
  if (code === "EntityTooLarge") return "The file is larger than its format allows.";
  if (code === "EntityTooSmall") return "The file is empty.";
  if (code === "AccessDenied" && /expired/i.test(document)) return "Sending took too long. Try again.";
  return `The storage did not take the file${code ? ` (${code})` : ""}. Try again.`;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const PATIENCE_MS = 180_000; // with a malware scan, a check may take a minute or two

/** Wait until a sent file was checked. Still `waiting` after three minutes: the list will show what became of it. */
export async function waitForCheck(
  read: () => Promise<Asset>,
  signal: AbortSignal,
  patience = PATIENCE_MS,
): Promise<{ asset: Asset; outcome: Outcome }> {
  const end = performance.now() + patience;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const asset = await read();
    const outcome = outcomeOf(asset);
    if (outcome.is !== "waiting" || performance.now() + pause > end) return { asset, outcome };
    await wait(pause, signal);
  }
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, stopped) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      stopped(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      done();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
