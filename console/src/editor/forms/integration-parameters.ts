/** The parameters of an integration: the names in its `[[...]]` that a node gives values for. */

import { isRecord, type Json } from "../../flow-text/model";

export interface Parameter {
  name: string;
  isFile: boolean;
}

const OF_THE_SYSTEM = /^(session|contact|message|secret|deployment):/;
const FUNCTION = /^(?:(?:upper|lower):|(?:left|right):\d+:|substr:\d+:\d+:)/;

export function parametersOf(definition: Json): Parameter[] {
  const found = new Map<string, boolean>();
  for (const { text, isFile } of textsIn(definition, false)) {
    for (const [, expression = ""] of text.matchAll(/\[\[([^[\]]+)\]\]/g)) {
      let name = expression.trim();
      while (FUNCTION.test(name)) name = name.replace(FUNCTION, "");
      name = OF_THE_SYSTEM.test(name) ? "" : (name.split(".")[0] ?? "");
      if (name) found.set(name, isFile || (found.get(name) ?? false));
    }
  }
  return [...found].map(([name, isFile]) => ({ name, isFile }));
}

function* textsIn(value: Json, isFile: boolean): Generator<{ text: string; isFile: boolean }> {
  if (typeof value === "string") yield { text: value, isFile };
  else if (Array.isArray(value)) for (const each of value) yield* textsIn(each, isFile);
  else if (isRecord(value)) {
    // Only a part of a request has a file and a name.
    const isPart = "file" in value && "name" in value;
    for (const [key, each] of Object.entries(value)) yield* textsIn(each, isFile || (isPart && key === "file"));
  }
}
