// One HTTP exchange: a summary line that unfolds to headers and bodies.

import { make } from "./elements.js";
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
      make("span", { class: "hidden" }, out ? "Meta to the business:" : "The business to Meta:"),
    ),
    make("span", { class: "what" }, nameOf(exchange)),
    make("span", { class: good ? "code" : "code bad" }, exchange.status ? String(exchange.status) : "no answer"),
    make(
      "span",
      { class: "where" },
      `${exactTime(exchange.at)}  ${exchange.ms} ms  ${exchange.method} ${exchange.url}`,
    ),
  );
  const element = make("details", { class: "exchange", data: { kind: kindOf(exchange) } }, summary);
  // Bodies can be long, so they are rendered when the exchange is opened.
  element.addEventListener("toggle", () => {
    if (element.open && element.children.length === 1) element.append(insides(exchange));
  });
  return element;
}

function kindOf(exchange) {
  if (exchange.direction === "from_business") return "call";
  return exchange.request.body?.includes('"statuses":[') && !exchange.request.body.includes('"messages":[')
    ? "status"
    : "webhook";
}

function nameOf(exchange) {
  if (exchange.direction === "to_business") return webhookName(exchange);
  const path = exchange.url.split("?")[0];
  const fault = exchange.fault ? " (fault asked for)" : "";
  if (path.endsWith("/messages")) return sendName(exchange) + fault;
  if (path.endsWith("/media"))
    return `Upload ${exchange.parts?.find((part) => part.filename)?.filename ?? "media"}${fault}`;
  if (path.startsWith("/whatsapp_business")) return `Download ${fileSize(exchange.response.size)}${fault}`;
  return `Look up ${path.split("/").at(-1)}${fault}`;
}

function webhookName(exchange) {
  const again = exchange.attempt > 1 ? `, try ${exchange.attempt}` : "";
  if (exchange.method === "GET") return "Handshake";
  const names = [];
  for (const { value } of JSON.parse(exchange.request.body ?? "{}").entry?.[0]?.changes ?? []) {
    for (const message of value.messages ?? []) names.push(`${message.type} from ${value.contacts[0].profile.name}`);
    for (const status of value.statuses ?? []) names.push(`status ${status.status}`);
  }
  return `Webhook: ${names.join(", ")}${again}`;
}

function sendName(exchange) {
  const body = parsed(exchange.request.body);
  if (body.status) return body.typing_indicator ? "Read receipt, typing" : "Read receipt";
  return `Send ${body.interactive ? `${body.interactive.type} message` : (body.type ?? "message")}`;
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
    make("dt", { class: name.toLowerCase() === "x-hub-signature-256" ? "key" : "" }, name),
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

function parsed(text) {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}
