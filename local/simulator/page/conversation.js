// The conversation: keeps the elements of messages up to date with the state.

import { bubbleOf, refresh } from "./bubbles.js";
import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { customerAction, onChange, messagesOf, state } from "./connection.js";
import { dayLabel } from "./formatting.js";

let shown = "";
const elements = new Map(); // album or sequence number -> element

export function startConversation() {
  onChange((_, all) => render(all));
  // Pictures and videos get their height late; stay at the end if the reader is there.
  new ResizeObserver(() => {
    if (following) toEnd();
  }).observe(byId("lines"));
  byId("log").addEventListener("scroll", () => {
    following = isAtEnd();
    byId("to-end").hidden = following;
  });
  byId("to-end").append(icon("back"));
  byId("to-end").addEventListener("click", () => {
    toEnd();
    byId("text").focus();
  });
}

let following = true;
const isAtEnd = () => {
  const log = byId("log");
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
};
const toEnd = () => {
  const log = byId("log");
  log.scrollTop = log.scrollHeight;
};

function render(all) {
  const lines = byId("lines");
  const other = shown !== state.chosen || all;
  if (other) {
    lines.replaceChildren();
    elements.clear();
    shown = state.chosen;
    following = true;
  }
  const messages = messagesOf(state.chosen);
  let mayFollow = following || other;
  let lastDay = "";
  for (const group of grouped(messages)) {
    const today = dayLabel(group[0].at);
    const key = group[0].album || group[0].seq;
    const known = elements.get(key);
    if (known && Number(known.dataset.count) === group.length) {
      refresh(known, group);
    } else {
      const element = bubbleOf(group);
      element.dataset.count = group.length;
      if (!other) element.classList.add("new");
      if (group[0].direction === "in") mayFollow = true;
      if (known) known.replaceWith(element);
      else lines.append(...(today === lastDay ? [] : [make("div", { class: "day" }, today)]), element);
      elements.set(key, element);
    }
    lastDay = today;
  }
  empty(lines, messages.length === 0);
  if (mayFollow) toEnd();
}

// Groups the files of an album.
function grouped(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.album && last?.[0].album === message.album) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

// An empty chat says what it is, and proposes the keywords that the business knows.
function empty(lines, isEmpty) {
  const note = lines.querySelector(".empty");
  if (!isEmpty) {
    note?.remove();
    return;
  }
  if (note) return;
  const { suggestions } = state.channel;
  lines.append(
    make(
      "div",
      { class: "empty" },
      make("strong", {}, "You are the customer"),
      suggestions.length
        ? `Tap a word to write it to ${state.business.name}, and see what happens. Or write your own, or attach a file.`
        : `Write to ${state.business.name}, or attach a photo, a document, a voice note or a video.`,
      suggestions.length
        ? make("div", { class: "chips", role: "group", "aria-label": "Words to write" }, ...suggestions.map(chip))
        : null,
    ),
  );
}

function chip({ text, about }) {
  const say = () => {
    customerAction("text", { text });
    byId("text").focus();
  };
  return make("button", { type: "button", class: "chip", onclick: say }, make("b", {}, text), make("small", {}, about));
}
