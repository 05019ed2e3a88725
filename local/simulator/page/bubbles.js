// One message as a bubble. Its content is drawn once; ticks, reactions and errors are refreshed.

import { taps } from "./choices.js";
import { make } from "./elements.js";
import { icon } from "./icons.js";
import { media } from "./media.js";
import { findMessage, state } from "./connection.js";
import { timeOfDay, summary, formatText, formatEntities } from "./formatting.js";

const TICKS = {
  pending: ["clock", "Being sent"],
  sent: ["sent", "Sent, the business did not take it yet"],
  delivered: ["delivered", "Delivered to the business"],
  read: ["delivered", "Read by the business"],
  failed: ["warn", "Not delivered"],
};

export function bubbleOf(group) {
  const message = group[0];
  if (message.type === "tap") return tapped(message);
  const mine = message.direction === "in";
  const inside = media(group);
  const kind = inside ? (message.type === "sticker" ? " bare" : " file") : "";
  const caption = group.map((part) => part.caption).find(Boolean) ?? "";
  const bubble = make(
    "div",
    { class: `bubble${kind}` },
    quote(message),
    message.header ? make("div", { class: "header" }, message.header) : null,
    inside,
    text(message, caption),
    message.footer ? make("div", { class: "footer" }, message.footer) : null,
    make(
      "div",
      { class: "meta" },
      message.by_hand ? make("span", {}, "by hand") : null,
      make("time", { dateTime: new Date(message.at).toISOString() }, timeOfDay(message.at)),
      mine ? make("span", { class: "ticks", role: "img" }) : null,
    ),
  );
  const row = make(
    "div",
    { class: `row${mine ? " mine" : ""}`, data: { message: message.id } },
    make("span", { class: "hidden" }, mine ? "You:" : `${state.business.name}:`),
    bubble,
    make("div", { class: "reaction" }),
    taps(message),
    make("div", { class: "error" }),
  );
  refresh(row, group);
  return row;
}

// In a channel where a tap is no message, the conversation only notes it.
const tapped = (message) =>
  make(
    "div",
    { class: "row", data: { message: message.id } },
    make("div", { class: "day" }, `You tapped “${message.text}”`),
    make("div", { class: "reaction" }),
    make("div", { class: "error" }),
  );

export function refresh(row, group) {
  const worst =
    ["failed", "pending", "sent", "delivered", "read"]
      .map((status) => group.find((message) => message.status === status))
      .find(Boolean) ?? group[0];
  const ticks = row.querySelector(".ticks");
  if (ticks && ticks.dataset.status !== worst.status) {
    const [name, label] = TICKS[worst.status] ?? TICKS.pending;
    ticks.dataset.status = worst.status;
    ticks.setAttribute("aria-label", label);
    ticks.title = label;
    ticks.replaceChildren(icon(name));
  }
  setText(row.querySelector(".reaction"), group.map((message) => message.reaction).join(""));
  setText(row.querySelector(".error"), errorText(worst));
}

function errorText(message) {
  if (message.direction === "out")
    return message.status === "failed" ? `The customer does not see this: ${message.error || "failed"}` : "";
  if (message.status === "failed") return `Given up after ${message.attempts} deliveries. ${message.error}`;
  return message.status === "sent" && message.attempts > 1
    ? `${message.attempts} deliveries so far. ${message.error}`
    : "";
}

function text(message, caption) {
  if (message.type === "location") return null;
  const shown = caption || message.text;
  return shown ? make("div", { class: "words" }, ...(message.entities ? formatEntities(shown, message.entities) : formatText(shown))) : null;
}

function quote(message) {
  const quoted = message.reply_to && findMessage(message.reply_to);
  if (!quoted) return null;
  const who = quoted.direction === "in" ? "You" : state.business.name;
  return make("div", { class: "quote" }, make("b", {}, who), make("span", {}, summary(quoted)));
}

function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
}
