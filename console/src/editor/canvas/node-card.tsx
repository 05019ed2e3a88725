import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import type { Exit } from "../../node-types/exits";
import type { GraphNode } from "./graph";
import { Icon } from "./icon";
import type { Mark } from "./marks";
import { hasStub } from "./sizes";

/** What a card shows beside the node itself. */
export interface CardData extends Record<string, unknown> {
  node: GraphNode;
  problems: number;
  mark: Mark | null;
  thumbnail: string | null;
  /** What a call goes to, such as "POST api.example.com". */
  call: string | null;
  readOnly: boolean;
}

export type CardNode = Node<CardData, "card">;

/** The card of a node: what it does in words, and its exits in their order, each with a handle. */
export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<CardNode>) {
  const { node, problems, mark, thumbnail, call, readOnly } = data;
  const { card, exits } = node;
  return (
    <div className={classes("flow-card", selected && "selected", mark && `mark-${mark.tone}`, problems && "faulty")}>
      <Handle type="target" position={Position.Left} isConnectable={!readOnly} className="flow-card-in" />
      <div className="flow-card-head">
        <span className="flow-card-icon">
          <Icon name={card.icon} />
        </span>
        <span className="flow-card-title">
          <b>{card.title}</b>
          <small>{node.id}</small>
        </span>
        {node.isStart && <span className="flow-badge start">Start</span>}
        {problems > 0 && (
          <span className="flow-badge problems">{problems === 1 ? "1 problem" : `${problems} problems`}</span>
        )}
        {mark && <span className={`flow-badge mark-${mark.tone}`}>{mark.label}</span>}
      </div>
      {card.asset && (
        <div className="flow-card-asset">
          {thumbnail ? <img src={thumbnail} alt="" draggable={false} /> : <Icon name="file-text" size={32} />}
        </div>
      )}
      {call && <p className="flow-card-call">{call}</p>}
      {card.lines.map(({ label, text }) => (
        <p className="flow-card-line" key={label}>
          <span>{label}</span> {text}
        </p>
      ))}
      <div className="flow-card-exits">
        {exits.map((exit) => (
          <ExitRow key={exit.name} exit={exit} readOnly={readOnly} />
        ))}
      </div>
    </div>
  );
});

function ExitRow({ exit, readOnly }: { exit: Exit; readOnly: boolean }) {
  const { target } = exit;
  const isOpen = !target;
  return (
    <div
      className={classes(
        "flow-exit",
        exit.setback && "setback",
        isOpen && "open",
        isOpen && exit.required && "missing",
      )}
    >
      <span>{exit.label}</span>
      <Handle type="source" id={exit.name} position={Position.Right} isConnectable={!readOnly} />
      {target && hasStub(target.kind) && (
        <span className={`flow-stub ${target.kind}`}>
          {target.kind === "flow" ? target.flow : target.kind === "end" ? "End" : "?"}
          {target.kind !== "other" && (
            <Handle
              type="target"
              id={target.kind === "flow" ? `flow:${target.flow}` : "end"}
              position={Position.Left}
              isConnectable={!readOnly}
              isConnectableStart={false}
            />
          )}
        </span>
      )}
    </div>
  );
}

function classes(...names: (string | false | null | 0)[]): string {
  return names.filter(Boolean).join(" ");
}
