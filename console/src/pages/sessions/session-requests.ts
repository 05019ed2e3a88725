import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { allPages, api, unwrap, unwrapWithEtag } from "../../api/client";
import type { components } from "../../api/schema";

export type ListedSession = components["schemas"]["ListedSession"];
export type Conversation = components["schemas"]["ShownConversation"];
export type ShownState = ListedSession["state"];
export type SessionAction = "stop" | "retry" | "give-up" | "pause" | "resume";

const WHILE_IT_RUNS_MS = 4_000;
const LINKS_MS = 4 * 60_000; // links to files are valid for five minutes

/** Sessions by state and flow, the newest first, page by page. */
export function useSessions(state: ShownState | null, flow: string) {
  return useInfiniteQuery({
    queryKey: ["sessions", state, flow],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      unwrap(
        api().GET("/sessions", {
          params: { query: { limit: 50, cursor, state: state ?? undefined, flow: flow || undefined } },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    gcTime: 0,
  });
}

export function useConversation(conversation: string) {
  return useQuery({
    queryKey: ["conversation", conversation],
    queryFn: () => unwrapWithEtag(api().GET("/conversations/{conversation}", at(conversation))),
    refetchInterval: (query) => (query.state.data?.data.session.state === "ended" ? false : WHILE_IT_RUNS_MS),
    gcTime: 0, // what customers wrote is not kept when the page is left
  });
}

/** Sessions of a conversation that are older than those shown with it, page by page from this cursor on. */
export function useOlderSessions(conversation: string, first: string, wanted: boolean) {
  return useInfiniteQuery({
    queryKey: ["older sessions", conversation, first],
    initialPageParam: first,
    queryFn: ({ pageParam: cursor }) =>
      unwrap(
        api().GET("/conversations/{conversation}/sessions", {
          params: { path: { conversation }, query: { limit: 50, cursor } },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: wanted && first !== "",
    gcTime: 0,
  });
}

/** The turns of a session, read again when it moved on, and before the links to its files end. */
export function useTurns(conversation: string, session: string, turn: number | undefined) {
  return useQuery({
    queryKey: ["turns", conversation, session, turn],
    queryFn: () =>
      allPages((cursor) =>
        api().GET("/conversations/{conversation}/turns", {
          params: { path: { conversation }, query: { session, limit: 100, cursor } },
        }),
      ),
    enabled: session !== "",
    placeholderData: (before) => before,
    refetchInterval: LINKS_MS,
    gcTime: 0,
  });
}

/** Ask for an action. It is carried out soon after, if the session has not moved on by then. */
export function act(action: SessionAction, conversation: string, etag: string, messages: "skip" | "apply") {
  const path = { conversation };
  const header = { "If-Match": etag };
  if (action === "resume") {
    const query = { messages };
    return unwrap(api().POST("/conversations/{conversation}/resume", { params: { path, header, query } }));
  }
  return unwrap(api().POST(`/conversations/{conversation}/${action}`, { params: { path, header } }));
}

/** The key of the conversation with a contact. The address goes into the body only. */
export async function findConversation(whose: components["schemas"]["Whose"]): Promise<string> {
  return (await unwrap(api().POST("/conversations/find", { body: whose }))).conversation;
}

function at(conversation: string) {
  return { params: { path: { conversation } } };
}
