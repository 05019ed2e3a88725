/** What the canvas marks on nodes and exits: the path of a session, or the changes between two versions. */

export interface Mark {
  tone: "visited" | "current" | "failed" | "added" | "changed" | "removed";
  /** Shown on the card, such as "2 visits" or "Changed". */
  label: string;
}

export interface Marks {
  nodes: ReadonlyMap<string, Mark>;
  /** Exits that were taken, by `edgeId`. */
  exits?: ReadonlySet<string>;
}

export function edgeId(node: string, exit: string): string {
  return `${node}/${exit}`;
}
