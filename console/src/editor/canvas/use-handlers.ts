import type { ReactFlowProps } from "@xyflow/react";
import { useRef, useState } from "react";
import type { CardNode } from "./node-card";

type Props = ReactFlowProps<CardNode>;
type Handlers = Required<
  Pick<
    Props,
    | "onNodeDragStop"
    | "onNodeDoubleClick"
    | "onPaneClick"
    | "onEdgeClick"
    | "onConnect"
    | "onConnectEnd"
    | "onReconnect"
  >
>;

/**
 * Handlers that stay the same functions and call the newest ones. React Flow hands them to each card and each line, so other
 * functions on each drawing would draw all of them anew with each step of a drag.
 */
export function useHandlers(newest: Handlers): Handlers {
  const current = useRef(newest);
  current.current = newest;
  const [handlers] = useState<Handlers>(() => ({
    onNodeDragStop: (...values) => current.current.onNodeDragStop(...values),
    onNodeDoubleClick: (...values) => current.current.onNodeDoubleClick(...values),
    onPaneClick: (...values) => current.current.onPaneClick(...values),
    onEdgeClick: (...values) => current.current.onEdgeClick(...values),
    onConnect: (...values) => current.current.onConnect(...values),
    onConnectEnd: (...values) => current.current.onConnectEnd(...values),
    onReconnect: (...values) => current.current.onReconnect(...values),
  }));
  return handlers;
}
