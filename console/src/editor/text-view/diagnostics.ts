import type { Findings } from "../editor-state";
import type { FlowDocument } from "../../flow-text/flow-text";

/** What is wrong in a line, counted from 1. */
export interface LineProblem {
  line: number;
  message: string;
}

/** The problems of a text by its lines: what cannot be read, and what the service found. */
export function lineProblems(document: FlowDocument, findings: Findings | null): LineProblem[] {
  const nodes = new Map(document.flow?.nodes.map((node) => [node.id, node.line]));
  const broken = document.errors.map(({ line, message }) => ({ line, message }));
  if (broken.length > 0) return broken; // what the service says of a broken text is the same
  return (findings?.problems ?? []).map((problem) => ({
    // The service may have read an earlier text: the node is still found by its name.
    line: nodeOf(document, problem.line) === problem.node ? problem.line : (nodes.get(problem.node) ?? (problem.line || 1)),
    message: [problem.node, problem.field, problem.message].filter(Boolean).join(": "),
  }));
}

function nodeOf(document: FlowDocument, line: number): string {
  return document.flow?.nodes.find((node) => node.line <= line && line <= node.lastLine)?.id ?? "";
}

/** The smallest change from one text to another: what is between the common beginning and the common end. */
export function smallestChange(before: string, after: string): { from: number; to: number; insert: string } {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
