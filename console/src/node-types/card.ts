import type { FlowNode } from "../flow-text/model";
import { type NodeType, variantOf } from "./node-type";
export interface Card { title: string; icon: string; lines: { label: string; text: string }[]; asset?: string; integration?: string; source?: string }
export function cardOf(types: NodeType[], node: FlowNode): Card {
  const t = types.find((each) => each.name === node.type);
  const v = variantOf(types, node);
  const lines = Object.entries(node.fields).filter(([k]) => ["prompt", "say", "caption", "accept", "for", "filename"].includes(k)).map(([label, text]) => ({ label, text: String(text) }));
  const source = node.fields.source as { asset?: string } | undefined;
  return { title: v?.title || t?.title || node.type || "?", icon: t?.icon ?? "", lines, ...(source?.asset ? { asset: source.asset } : {}), ...(typeof node.fields.integration === "string" ? { integration: node.fields.integration } : {}) };
}
