import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { PageLink } from "../../app/page-link";
import { moment } from "../../app/times";
import type { Conversation } from "./session-requests";
import { SessionState } from "./session-state";
import { heldWords, reasonWords } from "./transcript-words";

type Session = Conversation["session"];

/** The state of a conversation's newest session: where it is, what it waits for, what is still to be sent. */
export function SessionSummary({ conversation: { channel, account, session } }: { conversation: Conversation }) {
  const { flow, version, at, held, owed = [] } = session;
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: "State", value: <SessionState state={session.state} /> },
        {
          label: "Flow",
          value: flow ? <PageLink to={`/flows/${flow}`}>{`${flow}, version ${version}`}</PageLink> : "None",
        },
        { label: "On", value: `${channel} ${account}` },
        ...(at ? [{ label: "At node", value: at }] : []),
        ...(session.waiting || session.paused ? [{ label: "Waits", value: waitWords(session) }] : []),
        ...(held
          ? [{ label: "Held call", value: `${held.host}: ${heldWords({ ...held })}, ${reasonWords(held.reason)}` }]
          : []),
        ...(owed.length > 0
          ? [
              {
                label: "Still to be sent",
                value: owed.map((each) => `${each.node}: ${reasonWords(each.reason)}`).join("; "),
              },
            ]
          : []),
        ...(session.pending > 0 ? [{ label: "Still to be done", value: `${session.pending} events` }] : []),
        ...(session.reason ? [{ label: "Why it cannot be read", value: session.reason }] : []),
        { label: "Began", value: moment(session.started_at) || "Not known" },
        { label: "Last change", value: moment(session.updated_at) },
        ...(session.heard_at ? [{ label: "The contact last wrote", value: moment(session.heard_at) }] : []),
      ]}
    />
  );
}

/** What a session waits for, and until when. */
export function waitWords({ waiting, paused }: Pick<Session, "waiting" | "paused">): string {
  if (paused) return `for a person of the business, until ${moment(paused.until)}`;
  if (!waiting) return "";
  if (waiting.expects.includes("api")) return `for the API, next attempt ${moment(waiting.until)}`;
  const what = waiting.expects.join(", ") || "a time";
  return `for ${what}, until ${moment(waiting.until)}`;
}
