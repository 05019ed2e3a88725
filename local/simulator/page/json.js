// Highlights JSON; other text is shown unchanged.

import { make } from "./elements.js";

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function jsonParts(text) {
  let pretty = text;
  try {
    pretty = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return [text];
  }
  const parts = [];
  let end = 0;
  for (const token of pretty.matchAll(TOKENS)) {
    parts.push(pretty.slice(end, token.index));
    const [whole, string, colon] = token;
    if (string && colon) parts.push(make("span", { class: "k" }, string), colon);
    else parts.push(make("span", { class: string ? "s" : "n" }, whole));
    end = token.index + whole.length;
  }
  parts.push(pretty.slice(end));
  return parts;
}
