import createClient, { type Client } from "openapi-fetch";
import type { Configuration } from "../app/configuration";
import type { Session } from "../app/session";
import { ApiProblem, ApiUnreachable, SignedOut } from "./problems";
import type { paths } from "./schema";

export type Api = Client<paths>;

let connected: Api | null = null;

/** The management API of this deployment, with the user's token on every request. */
export function api(): Api {
  if (!connected) throw new Error("The API is used before connectApi().");
  return connected;
}

export function connectApi(configuration: Configuration, session: Pick<Session, "token" | "renew">): void {
  connected = createClient<paths>({
    baseUrl: new URL(configuration.api, window.location.origin).href,
    fetch: async (request) => {
      const token = await session.token();
      if (!token) throw new SignedOut();
      const again = request.clone();
      const response = await send(request, token);
      if (response.status !== 401) return response;
      const renewed = await session.renew(); // revoked, or a clock that is wrong
      if (!renewed) throw new SignedOut();
      const second = await send(again, renewed.access_token);
      if (second.status === 401) throw new SignedOut();
      return second;
    },
  });
}

async function send(request: Request, token: string): Promise<Response> {
  request.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch {
    throw new ApiUnreachable();
  }
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer. Throws ApiProblem, ApiUnreachable or SignedOut. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await unwrapWithEtag(answer)).data;
}

/** The data of an answer and its ETag, to send back as `If-Match`. */
export async function unwrapWithEtag<T>(answer: Promise<Answer<T>>): Promise<{ data: T; etag: string }> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ApiProblem(response.status, (error ?? {}) as object);
  return { data: data as T, etag: response.headers.get("ETag") ?? "" };
}

/** The whole of a list that the API gives page by page. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<Answer<{ items: T[]; next?: string | null }>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const { items: more, next } = await unwrap(page(cursor));
    items.push(...more);
    cursor = next ?? undefined;
  } while (cursor);
  return items;
}
