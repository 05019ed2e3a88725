import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { createContext, memo, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { FlowModel, Target } from "../../flow-text/flow-text";
import type { Exit } from "../../node-types/exits";
import { problemWords } from "../canvas/card-words";
import { type Graph, type GraphNode, graphOf, targetWords } from "../canvas/graph";
import { Icon } from "../canvas/icon";
import { useEditor } from "../editor-state";
import { TargetSelect } from "../target-select";
import type { ExitOfNode } from "../use-commands";
import "./outline.css";
import { type OutlineItem, outlineOf } from "./outline-tree";

interface Props {
  problems: ReadonlyMap<string, number>;
  onConnect(exit: ExitOfNode, target: Target | null): void;
  onAdd(from: ExitOfNode | null): void;
  onDelete(node: string): void;
}

/** The flow as a list of nodes and exits: all that the canvas can do, without it. */
export function OutlineView({ problems, onConnect, onAdd, onDelete }: Props) {
  const { shown, nodeTypes, readOnly, selection, select, open } = useEditor();
  const [connecting, setConnecting] = useState<string | null>(null);
  const before = useRef<Graph | null>(null);
  const graph = useMemo(() => shown && graphOf(shown, nodeTypes, before.current), [shown, nodeTypes]);
  before.current = graph;
  const outline = useMemo(() => graph && outlineOf(graph), [graph]);
  const nodes = useMemo(() => new Map(graph?.nodes.map((node) => [node.id, node])), [graph]);
  const selected = selection.at(-1);
  useEffect(() => {
    if (selected !== undefined) goToInOutline(selected);
  }, [selected]);

  if (!shown || !outline) return null;
  const context: OutlineContext = {
    flow: shown,
    nodes,
    problems,
    readOnly,
    selected,
    connecting,
    setConnecting,
    onConnect,
    onAdd,
    onDelete,
    onOpen: (node) => {
      select([node]);
      open(node);
    },
    onGoTo: (node) => select([node]),
  };
  return (
    <div className="outline">
      <Context value={context}>
        <h2>From the start</h2>
        {outline.items.length === 0 && <p>This flow has no start yet.</p>}
        <Items items={outline.items} />
        {outline.apart.length > 0 && (
          <>
            <h2>Not reached from the start</h2>
            <Items items={outline.apart} />
          </>
        )}
        {!readOnly && (
          <Button iconName="add-plus" onClick={() => onAdd(null)}>
            Add a node
          </Button>
        )}
      </Context>
    </div>
  );
}

interface OutlineContext {
  flow: FlowModel;
  nodes: ReadonlyMap<string, GraphNode>;
  problems: ReadonlyMap<string, number>;
  readOnly: boolean;
  selected: string | undefined;
  /** The exit whose select box is open, as `node/exit`. */
  connecting: string | null;
  setConnecting(exit: string | null): void;
  onConnect(exit: ExitOfNode, target: Target | null): void;
  onAdd(from: ExitOfNode | null): void;
  onDelete(node: string): void;
  onOpen(node: string): void;
  onGoTo(node: string): void;
}

const Context = createContext<OutlineContext | null>(null);

function useOutline(): OutlineContext {
  return useContext(Context) as OutlineContext;
}

const Items = memo(function Items({ items }: { items: OutlineItem[] }) {
  return (
    <ol>
      {items.map((item) => (
        <Item key={item.node} item={item} />
      ))}
    </ol>
  );
});

function Item({ item }: { item: OutlineItem }) {
  const { nodes, problems, readOnly, selected, onOpen, onDelete } = useOutline();
  const node = nodes.get(item.node);
  if (!node) return null;
  const count = problems.get(node.id) ?? 0;
  return (
    <li>
      <div className={selected === node.id ? "outline-node selected" : "outline-node"}>
        <div className="outline-head">
          <button type="button" className="outline-name" data-outline={node.id} onClick={() => onOpen(node.id)}>
            <Icon name={node.card.icon} />
            <b>{node.card.title}</b>
            <small>{node.id}</small>
          </button>
          {node.isStart && <span className="flow-badge start">Start</span>}
          {count > 0 && <span className="flow-badge problems">{problemWords(count)}</span>}
          {!readOnly && (
            <Button
              variant="icon"
              iconName="remove"
              ariaLabel={`Delete ${node.id}`}
              onClick={() => onDelete(node.id)}
            />
          )}
        </div>
        {node.card.lines.map(({ label, text }) => (
          <p key={label}>
            <span>{label}</span> {text}
          </p>
        ))}
        {item.exits.length > 0 && (
          <ul aria-label={`Exits of ${node.id}`}>
            {item.exits.map(({ exit }) => (
              <ExitItem key={exit.name} node={node.id} exit={exit} />
            ))}
          </ul>
        )}
      </div>
      {item.exits
        .filter(({ below }) => below.length > 0)
        .map(({ exit, below }) => (
          <div className="outline-below" key={exit.name}>
            <h3>
              After {exit.label} of {node.id}
            </h3>
            <Items items={below} />
          </div>
        ))}
    </li>
  );
}

function ExitItem({ node, exit }: { node: string; exit: Exit }) {
  const { flow, nodes, readOnly, connecting, setConnecting, onConnect, onAdd, onGoTo } = useOutline();
  const { target } = exit;
  const key = `${node}/${exit.name}`;
  const here = { node, exit: exit.name };
  const isMissing = exit.required && !target;
  const isChosen = connecting === key;
  const wasChosen = useRef(isChosen);
  const edit = useRef<ButtonProps.Ref>(null);
  useEffect(() => {
    // The select box had the focus, and is gone.
    if (wasChosen.current && !isChosen && document.activeElement === document.body) edit.current?.focus();
    wasChosen.current = isChosen;
  }, [isChosen]);
  return (
    <li className={isMissing ? "outline-exit missing" : "outline-exit"}>
      <div className="outline-way">
        <span className="outline-label">{exit.label}</span>
        {isChosen ? (
          <span className="outline-select">
            <TargetSelect
              flow={flow}
              label={`Where ${exit.label} of ${node} leads`}
              target={target}
              onChange={(chosen) => {
                setConnecting(null);
                onConnect(here, chosen);
              }}
              onClose={() => setConnecting(null)}
              autoFocus
            />
          </span>
        ) : (
          <>
            <span>
              {target?.kind === "node" && nodes.has(target.node) ? (
                <Link
                  href={`#${target.node}`}
                  ariaLabel={`Go to ${target.node}`}
                  onFollow={(event) => {
                    event.preventDefault();
                    onGoTo(target.node);
                  }}
                >
                  {target.node}
                </Link>
              ) : target ? (
                targetWords(target)
              ) : isMissing ? (
                "leads nowhere yet"
              ) : (
                "the end"
              )}
            </span>
            {!readOnly && (
              <>
                <Button
                  ref={edit}
                  variant="inline-icon"
                  iconName="edit"
                  ariaLabel={`Choose where ${exit.label} of ${node} leads`}
                  onClick={() => setConnecting(key)}
                />
                {!target && (
                  <Button
                    variant="inline-icon"
                    iconName="add-plus"
                    ariaLabel={`Add a node after ${exit.label} of ${node}`}
                    onClick={() => onAdd(here)}
                  />
                )}
              </>
            )}
          </>
        )}
      </div>
    </li>
  );
}

/** Bring a node into view and give it the focus. */
export function goToInOutline(node: string): void {
  const button = document.querySelector<HTMLElement>(`[data-outline="${CSS.escape(node)}"]`);
  button?.focus({ preventScroll: true });
  button?.scrollIntoView({ block: "nearest" });
}
