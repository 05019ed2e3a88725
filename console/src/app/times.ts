const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A time of the API (RFC 3339) in the words of the reader's language and time zone; "" for none. */
export function moment(time: string | null | undefined): string {
  return time ? MOMENT.format(new Date(time)) : "";
}
