import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { connectApi } from "./api/client";
import { ApiProblem, SignedOut } from "./api/problems";
import { loadConfiguration } from "./app/configuration";
import { AppProvider } from "./app/context";
import { NotificationsProvider } from "./app/notifications";
import { router } from "./app/router";
import { Session } from "./app/session";
import { applyTheme, storedTheme } from "./app/theme";
import "./main.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; only what did not arrive is tried again.
      retry: (count, error) =>
        !(error instanceof ApiProblem && error.status < 500) && !(error instanceof SignedOut) && count < 2,
    },
  },
});

applyTheme(storedTheme());
const root = createRoot(document.getElementById("root") as HTMLElement);
try {
  const configuration = await loadConfiguration();
  const session = new Session(configuration);
  connectApi(configuration, session);
  root.render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <AppProvider configuration={configuration} session={session}>
          <NotificationsProvider>
            <RouterProvider router={router} />
          </NotificationsProvider>
        </AppProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
} catch (error) {
  root.render(<p role="alert">{(error as Error).message} Reload the page to try again.</p>);
}
