import { expect, test } from "vitest";
import { actionsFor } from "./session-actions";
import { entriesOf, type Turn } from "./transcript";

const turn = (more: Partial<Turn>) =>
  ({ event: {}, visits: [], changes: {}, media: [], state: "waiting", stale: false, ...more }) as Turn;

test("a contact's file is in their bubble, and the business's in its own", () => {
  const entries = entriesOf(
    turn({
      event: { kind: "message", message: { text: "Here" } },
      visits: [
        { node: "ask", exit: "received", effects: [{ effect: "take", sha256: "in" }] },
        { node: "send", exit: "sent", effects: [{ effect: "give", sha256: "out", messages: [{ status: "read" }] }] },
      ],
      media: [{ sha256: "in" }, { sha256: "out" }] as Turn["media"],
    }),
  );
  expect(entries.find(({ side }) => side === "contact")?.files.map(({ sha256 }) => sha256)).toEqual(["in"]);
  expect(entries.find(({ side }) => side === "bot")).toMatchObject({
    files: [{ sha256: "out" }],
    detail: "Node send, read",
  });
});

test("a message that was not delivered says why", () => {
  const messages = [{ status: "failed", code: "131053", explanation: "Media upload error" }];
  const [bot] = entriesOf(turn({ visits: [{ node: "send", effects: [{ effect: "say", messages }] }] }), () => "Hello");
  expect(bot).toMatchObject({ text: "Hello", failed: true });
  expect(bot?.detail).toContain("not delivered: Media upload error, code 131053");
});

test("calls, refusals and lateness are said in words", () => {
  const call = {
    effect: "call",
    method: "POST",
    url: "https://api.example.com/claims",
    status: 503,
    attempts: 3,
    reason: "outage",
  };
  const words = entriesOf(
    turn({
      event: { kind: "operator", action: "give_up", by: "eva" },
      visits: [{ node: "upload", effects: [call, { effect: "take", rejected: "macros" }] }],
      stale: true,
    }),
  ).map(({ text }) => text);
  expect(words[0]).toBe("eva gave the node up.");
  expect(words[1]).toContain(
    "upload called POST https://api.example.com/claims: answered with 503, after 3 attempts, the API was away",
  );
  expect(words[2]).toContain("refused, because the file contains macros");
  expect(words.at(-1)).toMatch(/came too late/);
});

test("a turn that cannot be read hides no other", () => {
  expect(entriesOf(turn({ unreadable: "damaged" }))[0]?.text).toBe("What happened here cannot be read: damaged");
});

test("only what fits the state is offered", () => {
  expect(actionsFor("ended")).toEqual([]);
  expect(actionsFor("unreadable")).toEqual(["stop"]);
  expect(actionsFor("paused")).toContain("resume");
  expect(actionsFor("waiting")).not.toContain("resume");
});
