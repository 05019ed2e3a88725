// One HTTP exchange: a summary line that unfolds to headers and bodies.

import { make } from "./elements.js";
import { state } from "./connection.js";
import { icon } from "./icons.js";
import { jsonParts } from "./json.js";
import { exactTime, fileSize } from "./formatting.js";

export function exchangeOf(exchange) {
  const out = exchange.direction === "to_business";
  const good = exchange.status >= 200 && exchange.status < 300;
  const summary = make(
    "summary",
    {},
    make(
      "span",
      { class: out ? "way" : "way in" },
      icon(out ? "to" : "from"),
      make("span", { class: "hidden" }, out ? "To the business:" : "From the business:"),
    ),
    make("span", { class: "what" }, exchange.title),
    make("span", { class: good ? "code" : "code bad" }, exchange.status ? String(exchange.status) : "no answer"),
    make(
      "span",
      { class: "where" },
      `${exactTime(exchange.at)}  ${exchange.ms} ms  ${exchange.method} ${exchange.url}`,
    ),
  );
  const element = make("details", { class: "exchange", data: { kind: exchange.kind } }, summary);
  // Bodies can be long, so they are rendered when the exchange is opened.
  element.addEventListener("toggle", () => {
    if (element.open && element.children.length === 1) element.append(insides(exchange));
  });
  return element;
}

function insides(exchange) {
  return make(
    "div",
    { class: "insides" },
    ...half("Request", exchange.request, exchange.parts),
    exchange.error ? make("p", { class: "error" }, exchange.error) : null,
    ...(exchange.response ? half("Response", exchange.response) : []),
  );
}

function half(title, side, parts) {
  const headers = Object.entries(side.headers).flatMap(([name, value]) => [
    make("dt", { class: name === state.channel.signed_by ? "key" : "" }, name),
    make("dd", {}, value),
  ]);
  const shown = [make("h3", {}, `${title} headers`), make("dl", { class: "headers" }, ...headers)];
  if (parts)
    shown.push(
      make("h3", {}, "Parts of the form"),
      make("pre", { class: "bytes" }, ...jsonParts(JSON.stringify(parts))),
    );
  if (side.body) shown.push(...body(title, side));
  else if (side.size) shown.push(make("h3", {}, `${title} body: ${fileSize(side.size)} of bytes, not shown`));
  return shown;
}

function body(title, side) {
  const pre = make("pre", { class: "bytes", tabIndex: 0 }, ...jsonParts(side.body));
  let raw = false;
  const flip = (event) => {
    raw = !raw;
    pre.replaceChildren(...(raw ? [side.body] : jsonParts(side.body)));
    event.target.textContent = raw ? "Formatted" : "As sent";
  };
  return [
    make(
      "h3",
      {},
      `${title} body, ${fileSize(side.size)}`,
      make("button", { type: "button", onclick: flip }, "As sent"),
    ),
    pre,
  ];
}
