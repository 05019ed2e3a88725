import { moment } from "../../app/times";

export type Json = Record<string, unknown>;

export function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

/** What a contact wrote, chose or sent, in words. */
export function wordsOf(message: Json): string {
  const location = message.location as Json | undefined;
  const parts = [
    message.other ? `[${text(message.other)}]` : "",
    text(message.text),
    location
      ? `[A place: ${[location.name, location.address].filter(Boolean).map(text).join(", ") || coordinates(location)}]`
      : "",
    message.contacts ? "[A contact card]" : "",
    message.form ? "[A form that was filled in]" : "",
    message.voice ? "[A voice note]" : "",
  ];
  return parts.filter(Boolean).join(" ");
}

function coordinates(location: Json): string {
  return `${text(location.latitude)}, ${text(location.longitude)}`;
}

const ACTIONS: Record<string, string> = {
  stop: "stopped the session",
  retry: "had the node entered again",
  give_up: "gave the node up",
  pause: "paused the session",
  resume: "resumed the session",
};

export function actionWords(action: string): string {
  return ACTIONS[action] ?? `did: ${action}`;
}

const DELIVERIES: Record<string, string> = {
  accepted: "taken by the channel",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  failed: "not delivered",
  unknown: "no news of its delivery",
};

/** How far one of our messages came. */
export function stateOfDelivery(message: Json): { words: string; failed: boolean } {
  const status = text(message.status);
  const why = text(message.explanation) || (message.reason ? reasonWords(text(message.reason)) : "");
  const code = message.code ? `code ${text(message.code)}` : "";
  const more = status === "failed" ? [why, code].filter(Boolean).join(", ") : "";
  return { words: [DELIVERIES[status] ?? status, more].filter(Boolean).join(": "), failed: status === "failed" };
}

const REASONS: Record<string, string> = {
  wrong_kind: "another kind of file was asked for",
  too_large: "it is too large",
  unsupported_by_channel: "the channel does not take this format",
  not_shown: "the channel would not show this file",
  empty: "the file is empty",
  unknown_format: "this format is not known",
  encrypted: "the file is protected by a password",
  macros: "the file contains macros",
  active_content: "the file loads or starts something when it is opened",
  truncated: "the end of the file is missing",
  broken: "the file is damaged",
  mixed: "there are two files in one",
  expands: "the file would expand too much",
  unreadable: "the file cannot be examined",
  malware: "the scanner found malware",
  not_scanned: "the file could not be scanned",
  unavailable: "the file could not be fetched",
  channel_unavailable: "the channel could not be reached",
  in_doubt: "it may have been sent, or not",
  behind_another: "another message goes first",
  paced: "the account sends as fast as its channel allows",
  outage: "the API was away for too long",
  old_option: "an option of an older question was tapped",
  not_the_same_person: "the new address is that of another contact",
  too_many_continues: "the flow ran for about an hour without waiting",
  too_many_time_waits: "the flow waited too often without a word of the contact",
  too_many_kept: "too many messages came during the pause",
  too_many_files: "too many files are kept already",
  too_many_held: "too many messages are held already",
  session_running: "a session was running",
};

/** A reason of the service in words. One that the console does not know is shown as it is, without its underscores. */
export function reasonWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}

/** Why an effect did not do what it should, or not yet; "" if it did. */
export function failureWords(effect: Json): string {
  const held = effect.held as Json | undefined;
  const parts = [
    effect.rejected ? `refused, because ${reasonWords(text(effect.rejected))}` : "",
    effect.failed ? text(effect.failed) : "",
    effect.reason ? reasonWords(text(effect.reason)) : "",
    effect.error ? text(effect.error) : "",
    effect.owed ? `still to be sent: ${reasonWords(text(effect.owed))}` : "",
    effect.skipped ? `left out: ${text(effect.skipped)}` : "",
    effect.in_doubt ? "it may have been sent, or not" : "",
    effect.sent_again ? "it was sent again, and may have arrived twice" : "",
    held ? heldWords(held) : "",
  ];
  return [...new Set(parts.filter(Boolean))].join(", ");
}

/** A call that waits for the business's API. Times are seconds in a transcript, and RFC 3339 elsewhere. */
export function heldWords(held: Json): string {
  const time = (value: unknown) =>
    moment(typeof value === "number" ? new Date(value * 1000).toISOString() : text(value));
  const tries = Number(held.tries ?? 0);
  return `held since ${time(held.since)}, tried ${tries === 1 ? "once" : `${tries} times`}, next ${time(held.next)}, given up ${time(held.until)}`;
}
