import { isMap, isScalar, LineCounter, parseDocument } from "yaml";

type Text = string | string[];

export interface Part {
  name: string;
  value?: string | null;
  file?: string | null;
  filename?: string;
  files?: number | null;
}

/** A call to the business's API, as its YAML says; see docs/flow-format.md, Integrations. */
export interface Definition {
  integration: string;
  title?: string;
  method: string;
  url: string;
  headers?: Record<string, string>;
  query?: Record<string, Text>;
  request?: { content_type?: string; parts?: Part[]; body?: unknown; fields?: Record<string, Text> };
  response?: {
    content_type?: string;
    base_element?: string;
    element_validation?: string;
    success?: number[];
    filename?: string;
  };
  timeout?: string | number;
  retry?: { attempts?: number };
  at_most?: number | null;
}

export interface ReadDefinition {
  /** Null when the text cannot be read. */
  definition: Definition | null;
  errors: { line: number; message: string }[];
}

export function readDefinition(text: string): ReadDefinition {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: "core", uniqueKeys: true });
  const errors = document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    message: error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? "",
  }));
  if (errors.length > 0) return { definition: null, errors };
  if (!isMap(document.contents) || !document.contents.items.every((pair) => isScalar(pair.key))) {
    return {
      definition: null,
      errors: [{ line: 1, message: "An integration is a list of fields, such as method: POST." }],
    };
  }
  return { definition: document.toJS() as Definition, errors: [] };
}

export interface Parameter {
  name: string;
  /** A node gives it a file; otherwise a text or another value. */
  file: boolean;
  /** It takes a list of so many files; null for a single value. */
  files: number | null;
}

const EXPRESSION = /\[\[([^[\]]+)\]\]/g;
const FUNCTIONS = /^(?:upper|lower|left:\d+|right:\d+|substr:\d+:\d+):/;
const GIVEN = /^(?:secret|deployment|contact|session|message):/;

/** The values that a node must provide, in the order in which the definition names them. */
export function parametersOf(definition: Definition): Parameter[] {
  const found = new Map<string, Parameter>();
  const add = (text: string, file = false, files: number | null = null) => {
    for (const name of variablesIn(text)) {
      const before = found.get(name);
      found.set(name, { name, file: file || (before?.file ?? false), files: files ?? before?.files ?? null });
    }
  };
  const addAll = (value: unknown): void => {
    if (typeof value === "string") add(value);
    else if (value && typeof value === "object") Object.values(value).forEach(addAll);
  };
  const { url, headers, query, request, response } = definition;
  for (const value of [url, headers, query, request?.body, request?.fields]) addAll(value);
  for (const part of request?.parts ?? []) {
    addAll(part.value);
    addAll(part.filename);
    if (typeof part.file === "string") add(part.file, true, part.files ?? null);
  }
  addAll(response?.filename);
  return [...found.values()];
}

function variablesIn(text: string): string[] {
  const names = [];
  for (const [, expression = ""] of text.matchAll(EXPRESSION)) {
    let rest = expression.trim();
    while (FUNCTIONS.test(rest)) rest = rest.replace(FUNCTIONS, "");
    if (!GIVEN.test(rest)) names.push(rest.split(".")[0] ?? rest);
  }
  return names;
}

/** The names of the secrets that a definition sends. */
export function secretsOf(text: string): string[] {
  const names = [...text.matchAll(EXPRESSION)].map(
    ([, expression = ""]) => /^secret:(.+)$/.exec(expression.trim())?.[1],
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** What is wrong with the name of a new integration; empty when it can be used. */
export function nameProblem(name: string, taken: readonly string[]): string {
  if (!name) return "Give it a name.";
  if (!NAME.test(name)) return "Use small letters, digits and -, beginning with a letter; at most 64 characters.";
  return taken.includes(name) ? `There is an integration named ${name} already.` : "";
}

export type Kind = "upload" | "send" | "download";

/** The text that a new integration begins with. */
export function newDefinition(name: string, title: string, kind: Kind): string {
  const head = `integration: ${name}\ntitle: ${JSON.stringify(title || name)}\n`;
  const response = "response:\n  content_type: application/json\n";
  switch (kind) {
    case "upload":
      return `${head}method: POST\nurl: https://api.example.com/files\nrequest:\n  content_type: multipart/form-data\n  parts:\n    - {name: file, file: "[[file]]"}\n${response}`;
    case "send":
      return `${head}method: POST\nurl: https://api.example.com/requests\nrequest:\n  content_type: application/json\n  body: {}\n${response}`;
    case "download":
      return `${head}method: GET\nurl: https://api.example.com/document\nresponse:\n  content_type: file\n  filename: document.pdf\n`;
  }
}
