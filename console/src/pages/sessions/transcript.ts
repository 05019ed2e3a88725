import type { components } from "../../api/schema";
import { moment } from "../../app/times";
import { actionWords, failureWords, type Json, reasonWords, stateOfDelivery, text, wordsOf } from "./transcript-words";

export type Turn = components["schemas"]["Turn"];
export type TurnFile = components["schemas"]["File"];

/** One line of a session as people read it: a bubble of one side, or a note between them. */
export interface Entry {
  side: "contact" | "bot" | "person" | "note";
  text: string;
  /** Smaller, below the text: the node, the delivery. */
  detail: string;
  failed: boolean;
  files: TurnFile[];
}

type Node = string;

/** What happened in a turn, in order. `said`: what a node of the flow says, where it is known. */
export function entriesOf(turn: Turn, said: (node: Node) => string = () => ""): Entry[] {
  const inbound = filesReceived(turn);
  const outbound = turn.media.filter((file) => !inbound.includes(file));
  const entries = [eventEntry(turn, inbound)];
  for (const visit of turn.visits as Json[]) entries.push(...visitEntries(visit, said, outbound));
  const changed = Object.keys(turn.changes);
  if (changed.length > 0) entries.push(note(`Kept: ${changed.map((name) => changeWords(name, turn)).join("; ")}`));
  if (turn.state === "ended") entries.push(note("The session has ended."));
  if (turn.state === "paused") entries.push(note("The session is paused: a person talks to the contact."));
  if (turn.stale) entries.push(note("This came too late: the session had moved on, and nothing was changed."));
  if (turn.refused) entries.push(note(`Nothing came of this: ${reasonWords(turn.refused)}.`, true));
  if (turn.unreadable) entries.push(note(`What happened here cannot be read: ${turn.unreadable}`, true));
  if (turn.failure) {
    entries.push(note(`This failed for good, ${moment(turn.failure.at)}: ${turn.failure.reason}`, true));
  }
  return entries.filter((entry): entry is Entry => entry !== null);
}

function eventEntry(turn: Turn, files: TurnFile[]): Entry | null {
  const event = turn.event as Json;
  const message = (event.message ?? {}) as Json;
  const words = wordsOf(message);
  switch (event.kind) {
    case "message":
      return { side: "contact", text: words, detail: "", failed: false, files };
    case "echo":
      return { side: "person", text: words, detail: "Written by hand", failed: false, files };
    case "start":
      return note(`The business started the flow ${text(event.flow)}.`);
    case "timeout":
      return note("The time to wait was over.");
    case "continue":
    case "move":
    case "adopt":
      return null; // the rest of a turn, and what only the machinery sees
    case "operator":
      return note(`${text(event.by) || "Somebody"} ${actionWords(text(event.action))}.`);
    case "scan":
      return note(`The malware scanner answered: ${text(event.verdict)}.`, event.verdict !== "clean");
    case "status":
      return note("The channel reported that a message could not be delivered.", true);
    case "owed":
      return note("A message that the channel had not taken was due again.");
    default:
      return event.kind ? note(`An event: ${text(event.kind)}.`) : null;
  }
}

function visitEntries(visit: Json, said: (node: Node) => string, outbound: TurnFile[]): Entry[] {
  const node = text(visit.node);
  const entries: Entry[] = [];
  for (const effect of (visit.effects ?? []) as Json[]) {
    if (Array.isArray(effect.messages)) entries.push(sentEntry(effect, node, said(node), outbound));
    else if (effect.method || effect.url) entries.push(callEntry(effect, node));
    else {
      const failure = failureWords(effect);
      if (failure) entries.push(note(`${node}: ${failure}`, !effect.skipped));
    }
  }
  if (visit.exit) entries.push(note(`${node} went on by ${text(visit.exit)}.`));
  else if (visit.waits) entries.push(note(`${node} waits.`));
  return entries;
}

function sentEntry(effect: Json, node: string, said: string, outbound: TurnFile[]): Entry {
  const deliveries = (effect.messages as Json[]).map(stateOfDelivery);
  const problem = failureWords(effect);
  const file = outbound.filter((each) => each.sha256 === effect.sha256);
  return {
    side: "bot",
    text: said || (file.length > 0 ? "" : "A message"),
    detail: [`Node ${node}`, ...new Set(deliveries.map(({ words }) => words)), problem].filter(Boolean).join(", "),
    failed: Boolean(problem) || deliveries.some(({ failed }) => failed),
    files: file,
  };
}

function callEntry(effect: Json, node: string): Entry {
  const call = [text(effect.method), text(effect.url)].filter(Boolean).join(" ");
  const attempts = Number(effect.attempts ?? 1);
  const problem = failureWords(effect);
  const parts = [
    effect.status ? `answered with ${text(effect.status)}` : "no answer",
    effect.milliseconds ? `in ${text(effect.milliseconds)} ms` : "",
    attempts > 1 ? `after ${attempts} attempts` : "",
    problem,
  ];
  return note(`${node} called ${call}: ${parts.filter(Boolean).join(", ")}.`, Boolean(problem));
}

function filesReceived(turn: Turn): TurnFile[] {
  const received = new Set<unknown>();
  for (const visit of turn.visits as Json[]) {
    for (const effect of (visit.effects ?? []) as Json[]) {
      if (["take", "store", "scan"].includes(text(effect.effect))) received.add(effect.sha256);
    }
  }
  const { kind } = turn.event as Json;
  return turn.media.filter((file) => received.has(file.sha256) || (kind === "echo" && turn.visits.length === 0));
}

const LONGEST_VALUE = 80;

function changeWords(name: string, turn: Turn): string {
  const after = turn.changes[name]?.after;
  if (after !== null && typeof after === "object" && "sha256" in after) return `${name} (a file)`;
  const value = typeof after === "string" ? after : JSON.stringify(after ?? null);
  return `${name} = ${value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)} ...` : value}`;
}

function note(words: string, failed = false): Entry {
  return { side: "note", text: words, detail: "", failed, files: [] };
}
