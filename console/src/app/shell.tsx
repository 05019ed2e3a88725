import AppLayout from "@cloudscape-design/components/app-layout";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { Suspense, useEffect, useRef, useState } from "react";
import { Outlet, useLocation, useNavigate } from "react-router";
import { useApp, useMe } from "./context";
import { Loading } from "./loading";
import { NotificationList, useNotifications } from "./notifications";
import { applyTheme, storedTheme, storeTheme, type Theme } from "./theme";

const PAGES = [
  { type: "link", text: "Flows", href: "/flows" },
  { type: "link", text: "Assets", href: "/assets" },
  { type: "link", text: "Integrations", href: "/integrations" },
  { type: "link", text: "Sessions", href: "/sessions" },
] as const;

/** The frame of every page: top bar, navigation, messages. The editor of a flow takes the whole width. */
export function Shell() {
  const navigate = useNavigate();
  const { configuration } = useApp();
  const { pathname } = useLocation();
  const inEditor = /^\/flows\/[^/]+/.test(pathname);
  const [open, setOpen] = useState(() => window.matchMedia("(min-width: 700px)").matches);
  const page = usePageChange(pathname);
  return (
    <>
      <div id="top">
        <TopBar />
      </div>
      <AppLayout
        headerSelector="#top"
        toolsHide
        disableContentPaddings={inEditor}
        maxContentWidth={Number.MAX_VALUE}
        navigationOpen={open && !inEditor}
        navigationHide={inEditor}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        ariaLabels={{
          navigation: "Pages",
          navigationClose: "Close the list of pages",
          navigationToggle: "Open the list of pages",
          notifications: "Messages",
        }}
        navigation={
          <SideNavigation
            header={{ text: `Stage ${configuration.stage}`, href: "/flows" }}
            activeHref={PAGES.find((page) => pathname.startsWith(page.href))?.href ?? pathname}
            items={PAGES}
            onFollow={(event) => {
              if (event.detail.external) return;
              event.preventDefault();
              navigate(event.detail.href);
            }}
          />
        }
        notifications={inEditor ? null : <NotificationList />}
        content={
          <div ref={page} tabIndex={-1} className="page">
            <Suspense fallback={<Loading what="the page" />}>
              <Outlet />
            </Suspense>
          </div>
        }
      />
      {inEditor && (
        <section className="floating-messages" aria-label="Messages">
          <NotificationList />
        </section>
      )}
    </>
  );
}

/** Names the page in the browser, and gives it the focus where that was on something of the page before. */
function usePageChange(pathname: string) {
  const page = useRef<HTMLDivElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    const shown = PAGES.find(({ href }) => pathname.startsWith(href));
    document.title = shown ? `${shown.text} - Chatflow` : "Chatflow";
    if (pathname !== before.current && document.activeElement === document.body) page.current?.focus();
    before.current = pathname;
  }, [pathname]);
  return page;
}

function TopBar() {
  const { session } = useApp();
  const navigate = useNavigate();
  const me = useMe().data;
  const { fail } = useNotifications();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const choose = (next: Theme) => {
    storeTheme(next);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <TopNavigation
      identity={{
        href: "/flows",
        title: "Chatflow",
        logo: { src: "/icon.svg", alt: "Start page" },
        onFollow: (event) => {
          event.preventDefault();
          navigate("/flows");
        },
      }}
      i18nStrings={{ overflowMenuTriggerText: "More", overflowMenuTitleText: "All" }}
      utilities={[
        {
          type: "menu-dropdown",
          text: me?.name ?? "",
          ariaLabel: `Your account${me ? `: ${me.name}` : ""}`,
          iconName: "user-profile",
          description: me ? `Your role: ${me.roles.at(-1) ?? "none"}` : undefined,
          items: [
            {
              id: "appearance",
              text: "Appearance",
              items: [
                { id: "system", text: "As the system", itemType: "checkbox", checked: theme === "system" },
                { id: "light", text: "Light", itemType: "checkbox", checked: theme === "light" },
                { id: "dark", text: "Dark", itemType: "checkbox", checked: theme === "dark" },
              ],
            },
            { id: "licenses", text: "Third-party licences", href: "/licenses.txt", external: true },
            { id: "sign-out", text: "Sign out" },
            { id: "sign-out-everywhere", text: "Sign out on every device" },
          ],
          onItemClick: ({ detail: { id } }) => {
            if (id === "sign-out") void session.signOut();
            else if (id === "sign-out-everywhere")
              session.signOut({ everywhere: true }).catch((error) => fail("You are still signed in", error));
            else if (id !== "licenses") choose(id as Theme);
          },
        },
      ]}
    />
  );
}
