import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Answer, fakeApi, showPage } from "../../testing/fake-api";
import { PastSessions } from "./past-sessions";
import type { Conversation } from "./session-requests";

const KEY = "c_1";
const OLDER = `/conversations/${KEY}/sessions`;

function pastSession(day: number, turns: number | null = 3) {
  const at = `2026-11-${String(day).padStart(2, "0")}T09:12:00Z`;
  return { session: `s_${day}`, flow: `flow-${day}`, state: "ended" as const, turns, started_at: at, updated_at: at };
}

function conversation(days: number[], next: string | null) {
  return { conversation: KEY, sessions: days.map((day) => pastSession(day)), sessions_next: next } as Conversation;
}

test("older sessions are loaded page by page, when they are asked for", async () => {
  const pages: Record<string, unknown> = {
    first: { items: [pastSession(7)], next: "second" },
    second: { items: [pastSession(6, null)], next: null },
  };
  const asked = fakeApi("viewer", {
    [`GET ${OLDER}`]: (request) => pages[new URL(request.url).searchParams.get("cursor") ?? ""],
  });
  showPage(<PastSessions conversation={conversation([9, 8], "first")} shown="s_9" />);
  await userEvent.click(screen.getByRole("button", { name: "Sessions of this conversation" }));
  expect(asked).not.toContain(`GET ${OLDER}`);
  await userEvent.click(screen.getByRole("button", { name: "Show older ones" }));
  await screen.findByText("flow-7");
  await userEvent.click(screen.getByRole("button", { name: "Show older ones" }));
  await screen.findByText("flow-6");
  expect(screen.queryByRole("button", { name: "Show older ones" })).toBeNull();
  expect(screen.getByText("All sessions of this conversation (4)")).toBeTruthy();
  expect(screen.getByText("Unknown")).toBeTruthy();
});

test("older sessions that cannot be loaded are asked for again", async () => {
  let answers = 0;
  fakeApi("viewer", {
    [`GET ${OLDER}`]: () =>
      answers++ ? { items: [pastSession(7)], next: null } : new Answer(503, { detail: "Not just now." }),
  });
  showPage(<PastSessions conversation={conversation([9, 8], "first")} shown="s_9" />);
  await userEvent.click(screen.getByRole("button", { name: "Sessions of this conversation" }));
  await userEvent.click(screen.getByRole("button", { name: "Show older ones" }));
  await screen.findByText("Not just now.");
  await userEvent.click(screen.getByRole("button", { name: "Show older ones" }));
  await screen.findByText("flow-7");
});
