import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { vi } from "vitest";
import { connectApi } from "../api/client";
import type { Role } from "../app/context";
import { NotificationList, NotificationsProvider } from "../app/notifications";

/** What the API is asked: `GET /assets`, without the query. */
type Routes = Record<string, (request: Request) => unknown>;

/** An answer of the fake API with a status of its own. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

const ALL: Role[] = ["viewer", "editor", "admin"];

/** Answers the console's requests. Returns the requests that were made, as `METHOD /path`. */
export function fakeApi(role: Role, routes: Routes): string[] {
  const asked: string[] = [];
  const known: Routes = {
    "GET /me": () => ({ name: "eva@example.com", roles: ALL.slice(0, ALL.indexOf(role) + 1) }),
    ...routes,
  };
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = `${request.method} ${new URL(request.url).pathname.replace("/api/v1", "")}`;
    asked.push(path);
    const found = known[path]?.(request) ?? new Answer(404, { type: "urn:chatflow:problem:not-found", detail: path });
    const { status, body } = found instanceof Answer ? found : new Answer(200, found);
    const written = typeof body === "string" ? body : JSON.stringify(body); // a flow's text as it is
    return new Response(status === 204 ? null : written, {
      status,
      headers: { "Content-Type": "application/json", ETag: '"r3"' },
    });
  });
  connectApi({ stage: "dev", api: "/api/v1" } as Parameters<typeof connectApi>[0], {
    token: async () => "token",
    renew: async () => null,
  });
  return asked;
}

/** Shows a page as the application does, at `/`; every other address shows its own path. */
export function showPage(page: ReactNode, { path = "/", at = "/" } = {}) {
  const router = createMemoryRouter(
    [
      { path, element: page },
      { path: "*", element: <p>Another page</p> },
    ],
    { initialEntries: [at] },
  );
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <NotificationsProvider>
        <NotificationList />
        <RouterProvider router={router} />
      </NotificationsProvider>
    </QueryClientProvider>,
  );
  return router;
}
