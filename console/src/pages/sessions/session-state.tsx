import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { ShownState } from "./session-requests";

export const STATES: Record<ShownState, { words: string; type: StatusIndicatorProps.Type }> = {
  waiting: { words: "Waiting", type: "pending" },
  continuing: { words: "Running", type: "in-progress" },
  paused: { words: "Paused", type: "stopped" },
  ended: { words: "Ended", type: "success" },
  unreadable: { words: "Cannot be read", type: "error" },
};

export function SessionState({ state }: { state: ShownState }) {
  const { words, type } = STATES[state];
  return <StatusIndicator type={type}>{words}</StatusIndicator>;
}
