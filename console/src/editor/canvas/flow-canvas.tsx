import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  Controls,
  type Edge,
  type FinalConnectionState,
  MarkerType,
  type NodeChange,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useStore,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FlowModel, Target } from "../../flow-text/flow-text";
import type { NodeType } from "../editor-state";
import { keyAction } from "../keys";
import "./canvas.css";
import "./colors.css";
import { firstView } from "./first-view";
import { type Graph, graphOf } from "./graph";
import { edgeId, type Marks } from "./marks";
import { type CardNode, NodeCard } from "./node-card";
import { type Direction, nearest, type Places, type Size, type Sizes } from "./places";
import { useWaitingCards } from "./portions";
import { useCards } from "./use-cards";
import { useHandlers } from "./use-handlers";
import { useLayout } from "./use-layout";
import { useWantedNode } from "./use-wanted-node";

// Outside of the component: other objects on each drawing would draw every card anew.
const NODE_TYPES = { card: NodeCard };
const PLAIN_EDGE = {
  type: "default",
  focusable: false,
  markerEnd: { type: MarkerType.ArrowClosed, width: 18, height: 18 },
};
const NO_PLACES: Places = {};
const NONE: readonly string[] = [];
const STEP = 16; // pixels that a key moves a node
const FAR = 0.25; // the zoom below which texts cannot be read; they are not painted then

/** What the canvas can be asked to do from outside. */
export interface CanvasControl {
  /** Bring a node into view and give it the focus. */
  goTo(node: string): void;
  /** Bring the node into view; the focus stays. */
  show(node: string): void;
  /** Lay out all nodes anew. */
  tidy(): void;
}

interface Props {
  flow: FlowModel;
  types: NodeType[];
  /** Marked nodes and exits, such as the path of a session. */
  marks?: Marks;
  /** Nothing can be moved, connected or deleted. */
  readOnly?: boolean;
  /** Where a person put nodes. */
  chosen?: Places;
  /** How many problems each node has. */
  problems?: ReadonlyMap<string, number>;
  selection?: readonly string[];
  onSelect?(nodes: string[]): void;
  onOpen?(node: string): void;
  /** Nodes were moved, by a drag or by keys. */
  onMove?(what: string, places: Places): void;
  /** An exit was connected; null: disconnected. `instead`: the exit from which the edge was taken. */
  onConnect?(node: string, exit: string, target: Target | null, instead?: { node: string; exit: string }): void;
  /** A line from an exit was dropped where nothing is. */
  onDropOutside?(node: string, exit: string): void;
  onReady?(control: CanvasControl): void;
  children?: ReactNode;
}

/** A flow as cards and lines. Without handlers it only shows. */
export function FlowCanvas(props: Props) {
  const { flow, types, chosen = NO_PLACES } = props;
  const before = useRef<Graph | null>(null);
  const graph = useMemo(() => graphOf(flow, types, before.current), [flow, types]);
  before.current = graph;
  const { places, sizes, tidy } = useLayout(graph, chosen);
  // The first view depends on how large the frame is.
  const [frame, setFrame] = useState<HTMLDivElement | null>(null);
  return (
    <div className="flow-canvas" ref={setFrame}>
      {frame && (
        <ReactFlowProvider>
          <Cards {...props} graph={graph} places={places} sizes={sizes} tidy={tidy} frame={frame} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

interface Drawn {
  graph: Graph;
  places: Places;
  sizes: Sizes;
  tidy(): void;
  frame: HTMLElement;
}

function Cards({ graph, places, sizes, tidy, frame, ...props }: Props & Drawn) {
  const { flow, marks, readOnly = false, chosen = NO_PLACES, problems, selection = NONE } = props;
  const { onSelect, onOpen, onMove, onConnect, onDropOutside, onReady, children } = props;
  const cards = useCards({ graph, places, sizes, problems, marks, selection, readOnly });
  const [pickedEdge, pickEdge] = useState<string | null>(null);
  const [canvas] = useState<Size>(() => ({ width: frame.clientWidth, height: frame.clientHeight }));
  // Only the first one counts: afterwards the canvas is where the person moved it.
  const [view] = useState(() => firstView(places, sizes, flow.start, canvas));
  const waiting = useWaitingCards(graph, places, sizes, view, canvas);
  const drawn = useMemo(
    () => (waiting.size === 0 ? cards : cards.filter(({ id }) => !waiting.has(id))),
    [cards, waiting],
  );
  const [nodes, setNodes] = useState<CardNode[]>(drawn);
  useEffect(() => setNodes((now) => keepMeasured(now, drawn)), [drawn]);
  const edges = useMemo(
    () =>
      drawnEdges(graph, marks, pickedEdge).filter(({ source, target }) => !waiting.has(source) && !waiting.has(target)),
    [graph, marks, pickedEdge, waiting],
  );
  const isFar = useStore((state) => state.transform[2] < FAR);

  const want = useWantedNode(places, sizes, frame);
  useEffect(
    () =>
      onReady?.({
        goTo: (node) => want({ node, focus: true }),
        show: (node) => want({ node, focus: false }),
        tidy,
      }),
    [onReady, want, tidy],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      const selects = changes.filter((change) => change.type === "select");
      if (selects.length > 0) {
        const ids = new Set(selection);
        for (const { id, selected } of selects) selected ? ids.add(id) : ids.delete(id);
        if (ids.size !== selection.length || selection.some((id) => !ids.has(id))) onSelect?.([...ids]);
        pickEdge(null);
      }
      const others = changes.filter((change) => change.type === "position" || change.type === "dimensions");
      if (others.length > 0) setNodes((now) => applyNodeChanges(others, now));
    },
    [selection, onSelect],
  );

  const moved = useCallback(
    (ids: readonly string[], to: (id: string) => { x: number; y: number } | undefined) => {
      const next = { ...chosen };
      for (const id of ids) {
        const place = to(id);
        if (place) next[id] = { x: Math.round(place.x), y: Math.round(place.y) };
      }
      onMove?.(ids.length === 1 ? `Move ${ids[0]}` : `Move ${ids.length} nodes`, next);
    },
    [chosen, onMove],
  );

  const handlers = useHandlers({
    onNodeDragStop: (_, __, dragged) => {
      const at = new Map(dragged.map((node) => [node.id, node.position]));
      const ids = dragged.map((node) => node.id).filter((id) => !samePlace(at.get(id), places[id]));
      if (ids.length > 0) moved(ids, (id) => at.get(id));
    },
    onNodeDoubleClick: (_, node) => onOpen?.(node.id),
    onPaneClick: () => pickEdge(null),
    onEdgeClick: (_, edge) => {
      onSelect?.([]);
      pickEdge(edge.id);
    },
    onConnect: (connection) => connected(connection, onConnect),
    onConnectEnd: (_, state) => droppedOutside(state, onDropOutside),
    onReconnect: (edge, connection) =>
      connected(connection, onConnect, { node: edge.source, exit: String(edge.sourceHandle) }),
  });

  const onKeyDownCapture = (event: KeyboardEvent) => {
    const action = keyAction(event, true);
    const focused = (event.target as Element).closest<HTMLElement>(".react-flow__node")?.dataset.id;
    const from = focused ?? selection.at(-1);
    if (action === "left" || action === "right" || action === "up" || action === "down") {
      const to = from === undefined ? flow.start : nearest(from, action, places, sizes);
      if (to !== null) {
        onSelect?.([to]);
        want({ node: to, focus: true });
      }
    } else if (action?.startsWith("move-") && from !== undefined) {
      if (!readOnly) {
        const ids = selection.includes(from) ? selection : [from];
        const [dx, dy] = DELTAS[action.slice("move-".length) as Direction];
        moved(ids, (id) => places[id] && { x: places[id].x + dx * STEP, y: places[id].y + dy * STEP });
      }
    } else if (event.key === " " && focused) {
      if (event.ctrlKey || event.shiftKey) {
        onSelect?.(selection.includes(focused) ? selection.filter((id) => id !== focused) : [...selection, focused]);
      } else onSelect?.([focused]);
    } else if (action === "open" && focused) {
      onSelect?.([focused]);
      onOpen?.(focused);
    } else if (action === "delete" && pickedEdge !== null && selection.length === 0) {
      const edge = graph.edges.find(({ id }) => id === pickedEdge);
      if (edge && !readOnly) onConnect?.(edge.from, edge.exit, null);
      pickEdge(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      onNodesChange={onNodesChange}
      {...handlers}
      // A click on the canvas gives it the focus, and so the keys.
      tabIndex={-1}
      onKeyDownCapture={onKeyDownCapture}
      nodesDraggable={!readOnly}
      nodesConnectable={!readOnly}
      edgesReconnectable={!readOnly}
      edgesFocusable={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      panActivationKeyCode={null}
      zoomOnDoubleClick={false}
      nodeDragThreshold={3}
      connectionRadius={28}
      minZoom={0.05} // the largest flow fits
      maxZoom={1.6}
      className={isFar ? "far" : ""}
      defaultViewport={view}
      defaultEdgeOptions={PLAIN_EDGE}
      aria-label={`The nodes of ${flow.title || flow.name}. Arrow keys go from node to node.`}
      attributionPosition="bottom-left"
    >
      <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} />
      <Controls showInteractive={false} position="bottom-right" />
      {children && <Panel position="top-left">{children}</Panel>}
    </ReactFlow>
  );
}

const DELTAS: Record<Direction, [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

function connected(
  connection: Connection,
  onConnect: Props["onConnect"],
  instead?: { node: string; exit: string },
): void {
  if (connection.sourceHandle === null) return;
  const { source, sourceHandle, target, targetHandle } = connection;
  onConnect?.(source, sourceHandle, targetOf(target, targetHandle), instead);
}

function targetOf(node: string, handle: string | null): Target {
  if (handle === "end") return { kind: "end" };
  if (handle?.startsWith("flow:")) return { kind: "flow", flow: handle.slice("flow:".length) };
  return { kind: "node", node };
}

function droppedOutside(state: FinalConnectionState, onDropOutside: Props["onDropOutside"]): void {
  if (state.isValid || state.fromHandle?.type !== "source" || !state.fromNode) return;
  if (state.toNode && state.toNode.id !== state.fromNode.id) return;
  if (state.toNode) return;
  if (state.fromHandle.id) onDropOutside?.(state.fromNode.id, state.fromHandle.id);
}

function drawnEdges(graph: Graph, marks: Marks | undefined, picked: string | null): Edge[] {
  const setbacks = new Set(
    graph.nodes.flatMap(({ id, exits }) => exits.filter((exit) => exit.setback).map((exit) => edgeId(id, exit.name))),
  );
  return graph.edges.map(({ id, from, exit, to, back }) => ({
    id,
    source: from,
    sourceHandle: exit,
    target: to,
    type: back ? "smoothstep" : "default",
    selected: id === picked,
    className: [setbacks.has(id) && "setback", marks?.exits?.has(id) && "taken"].filter(Boolean).join(" "),
  }));
}

/** The new cards with the sizes that were measured of the old ones; without them each card would blink. */
function keepMeasured(now: CardNode[], next: CardNode[]): CardNode[] {
  const old = new Map(now.map((node) => [node.id, node]));
  return next.map((node) => {
    const before = old.get(node.id);
    return before?.measured ? { ...node, measured: before.measured } : node;
  });
}

function samePlace(one: { x: number; y: number } | undefined, other: { x: number; y: number } | undefined): boolean {
  return one !== undefined && other !== undefined && Math.round(one.x) === other.x && Math.round(one.y) === other.y;
}
