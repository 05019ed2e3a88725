import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";
import type { Configuration } from "./configuration";
import type { Session } from "./session";

interface AppContext {
  configuration: Configuration;
  session: Session;
}

const Context = createContext<AppContext | null>(null);

export function AppProvider({ children, ...value }: AppContext & { children: ReactNode }) {
  return <Context value={value}>{children}</Context>;
}

export function useApp(): AppContext {
  const value = useContext(Context);
  if (!value) throw new Error("useApp() outside of AppProvider");
  return value;
}

export type Role = "viewer" | "editor" | "admin";

/** The signed-in user. */
export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => unwrap(api().GET("/me")), staleTime: 5 * 60_000 });
}

/** Whether the signed-in user has a role; each role includes those before it. */
export function useRole(role: Role): boolean {
  return hasRole(useMe().data, role);
}

const ORDER: Role[] = ["viewer", "editor", "admin"];

export function hasRole(me: components["schemas"]["Me"] | undefined, role: Role): boolean {
  return ORDER.slice(ORDER.indexOf(role)).some((each) => me?.roles.includes(each));
}
