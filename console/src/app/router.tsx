import { createBrowserRouter, Navigate } from "react-router";
import { Loading } from "./loading";
import { PageFailed } from "./page-failed";
import { Shell } from "./shell";
import { SignedIn } from "./signed-in";

const sessionPage = async () => ({ Component: (await import("../pages/sessions/session-page")).SessionPage });

// The router loads a page's code, not React.lazy: it begins at once, while the configuration and the session are still
// read, and it shows the page when the code is there. React keeps a fallback for 300 ms, however early the code comes.
export const router = createBrowserRouter([
  {
    path: "/signed-in",
    hydrateFallbackElement: <Loading what="the page" />,
    lazy: async () => ({ Component: (await import("./sign-in-pages")).SignedInPage }),
  },
  {
    path: "/signed-out",
    hydrateFallbackElement: <Loading what="the page" />,
    lazy: async () => ({ Component: (await import("./sign-in-pages")).SignedOutPage }),
  },
  {
    element: (
      <SignedIn>
        <Shell />
      </SignedIn>
    ),
    children: [
      {
        errorElement: <PageFailed />,
        hydrateFallbackElement: <Loading what="the page" />,
        children: [
          { path: "/", element: <Navigate to="/flows" replace /> },
          {
            path: "/flows",
            lazy: async () => ({ Component: (await import("../pages/flows/flows-page")).FlowsPage }),
          },
          {
            path: "/flows/:flow",
            lazy: async () => ({ Component: (await import("../editor/editor-page")).EditorPage }),
          },
          {
            path: "/assets",
            lazy: async () => ({ Component: (await import("../pages/assets/assets-page")).AssetsPage }),
          },
          {
            path: "/integrations",
            lazy: async () => ({
              Component: (await import("../pages/integrations/integrations-page")).IntegrationsPage,
            }),
          },
          {
            path: "/integrations/:integration",
            lazy: async () => ({
              Component: (await import("../pages/integrations/integration-page")).IntegrationPage,
            }),
          },
          {
            path: "/sessions",
            lazy: async () => ({ Component: (await import("../pages/sessions/sessions-page")).SessionsPage }),
          },
          { path: "/sessions/:conversation", lazy: sessionPage },
          { path: "/sessions/:conversation/:session", lazy: sessionPage },
          { path: "*", element: <PageFailed /> },
        ],
      },
    ],
  },
]);
