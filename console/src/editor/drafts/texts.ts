/** A time as the user's browser writes it. */
export function timeWords(rfc3339: string): string {
  const time = new Date(rfc3339);
  if (Number.isNaN(time.getTime())) return "at an unknown time";
  return time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** Let the user keep a text as a file. */
export function download(filename: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
