import type { components } from "../../api/schema";

export type FlowHead = components["schemas"]["FlowHead"];
export type FlowDetail = components["schemas"]["FlowDetail"];

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const RESERVED = ["routes", "deployment"];

/** What is wrong with the name of a new flow; "" if nothing. */
export function nameProblem(name: string, taken: ReadonlySet<string>): string {
  if (!name) return "Give the flow a name.";
  if (!/^[a-z]/.test(name)) return "Begin with a small letter, a to z.";
  if (name.length > 64) return "Use at most 64 characters.";
  if (!NAME.test(name)) return "Use small letters (a to z), digits and hyphens only.";
  if (RESERVED.includes(name)) return `No flow can be called "${name}".`;
  return taken.has(name) ? `There is a flow "${name}" already.` : "";
}

/** A name for a flow of this title that is not taken. */
export function nameFromTitle(title: string, taken: ReadonlySet<string>): string {
  const name =
    title
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^[^a-z]+/, "")
      .slice(0, 60)
      .replace(/-+$/, "") || (title ? "flow" : "");
  let free = name;
  for (let number = 2; free && taken.has(free); number++) free = `${name}-${number}`;
  return free;
}

export function isFound(flow: FlowHead, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return !wanted || [flow.name, flow.title].some((text) => text.toLocaleLowerCase().includes(wanted));
}

export type FlowState = "live" | "differs" | "draft" | "withdrawn";

/** `changed`: whether the draft differs from the live version. `versions`: whether it was ever live. Null: not known. */
export function stateOf(flow: FlowHead, changed: boolean | null, versions: boolean | null): FlowState {
  if (flow.version === null) return versions ? "withdrawn" : "draft";
  return flow.draft && changed ? "differs" : "live";
}
