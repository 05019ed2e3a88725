import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { explain } from "../api/problems";

interface Notifications {
  /** Show a message until it is dismissed; one with the same `id` is replaced. */
  notify(message: {
    id?: string;
    type: FlashbarProps.Type;
    header: string;
    content?: ReactNode;
    action?: ReactNode;
  }): void;
  /** Say what failed, and why. `what` such as "The flow was not published". */
  fail(what: string, error: unknown): void;
  dismiss(id: string): void;
}

const Context = createContext<Notifications | null>(null);
const Items = createContext<FlashbarProps.MessageDefinition[]>([]);

export function NotificationsProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const dismiss = useCallback((id: string) => setItems((now) => now.filter((item) => item.id !== id)), []);
  const notify = useCallback<Notifications["notify"]>(
    (message) => {
      const id = message.id ?? crypto.randomUUID();
      const item: FlashbarProps.MessageDefinition = {
        ...message,
        id,
        dismissible: true,
        dismissLabel: "Dismiss",
        ariaRole: message.type === "error" ? "alert" : "status",
        onDismiss: () => dismiss(id),
      };
      setItems((now) => [...now.filter((each) => each.id !== id), item].slice(-3));
    },
    [dismiss],
  );
  const fail = useCallback<Notifications["fail"]>(
    (what, error) => notify({ id: what, type: "error", header: what, content: explain(error) }),
    [notify],
  );
  const value = useMemo(() => ({ notify, fail, dismiss }), [notify, fail, dismiss]);
  return (
    <Context value={value}>
      <Items value={items}>{children}</Items>
    </Context>
  );
}

export function useNotifications(): Notifications {
  const value = useContext(Context);
  if (!value) throw new Error("useNotifications() outside of NotificationsProvider");
  return value;
}

export function NotificationList() {
  return <Flashbar items={useContext(Items)} />;
}
