import { lazy, Suspense } from "react";
import { createBrowserRouter, Navigate } from "react-router";
import { PageFailed } from "./page-failed";
import { Shell } from "./shell";
import { SignedIn } from "./signed-in";

const SignedInPage = lazy(async () => ({ default: (await import("./sign-in-pages")).SignedInPage }));
const SignedOutPage = lazy(async () => ({ default: (await import("./sign-in-pages")).SignedOutPage }));
const FlowsPage = lazy(async () => ({ default: (await import("../pages/flows/flows-page")).FlowsPage }));
const EditorPage = lazy(async () => ({ default: (await import("../editor/editor-page")).EditorPage }));
const AssetsPage = lazy(async () => ({ default: (await import("../pages/assets/assets-page")).AssetsPage }));
const IntegrationsPage = lazy(async () => ({
  default: (await import("../pages/integrations/integrations-page")).IntegrationsPage,
}));
const IntegrationPage = lazy(async () => ({
  default: (await import("../pages/integrations/integration-page")).IntegrationPage,
}));
const SessionsPage = lazy(async () => ({ default: (await import("../pages/sessions/sessions-page")).SessionsPage }));
const SessionPage = lazy(async () => ({ default: (await import("../pages/sessions/session-page")).SessionPage }));

export const router = createBrowserRouter([
  {
    path: "/signed-in",
    element: (
      <Suspense>
        <SignedInPage />
      </Suspense>
    ),
  },
  {
    path: "/signed-out",
    element: (
      <Suspense>
        <SignedOutPage />
      </Suspense>
    ),
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
        children: [
          { path: "/", element: <Navigate to="/flows" replace /> },
          { path: "/flows", element: <FlowsPage /> },
          { path: "/flows/:flow", element: <EditorPage /> },
          { path: "/assets", element: <AssetsPage /> },
          { path: "/integrations", element: <IntegrationsPage /> },
          { path: "/integrations/:integration", element: <IntegrationPage /> },
          { path: "/sessions", element: <SessionsPage /> },
          { path: "/sessions/:conversation", element: <SessionPage /> },
          { path: "/sessions/:conversation/:session", element: <SessionPage /> },
          { path: "*", element: <PageFailed /> },
        ],
      },
    ],
  },
]);
