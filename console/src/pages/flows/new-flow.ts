import { parseFlow, setFlowField } from "../../flow-text/flow-text";

export function blankFlow(name: string, title: string): string {
  return named("chatflow: 1\nflow: new\ntitle: New\nnodes: {}\n", name, title);
}

/** A flow's text under another name and title; everything else stays as it is. Throws EditRefused for a broken text. */
export function named(text: string, name: string, title: string): string {
  return setFlowField(setFlowField(text, ["flow"], name), ["title"], title);
}

export interface Example {
  title: string;
  text: string;
}

/** The flows among some YAML files, by title: `routes.yaml` and `deployment.yaml` are none. */
export function flowsAmong(texts: readonly string[]): Example[] {
  return texts
    .map((text) => ({ title: parseFlow(text).flow?.title ?? "", text }))
    .filter(({ title }) => title !== "")
    .toSorted((a, b) => a.title.localeCompare(b.title));
}
