// Formats text as a messenger does, and times and sizes: *bold*, _italic_, ~struck~, ```code``` and links.

import { make } from "./elements.js";

const STYLES =
  /(```[\s\S]+?```)|(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])|(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])|(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])|(https?:\/\/[^\s<>"]+)/g;

export function formatText(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(STYLES)) {
    parts.push(text.slice(end, match.index));
    const [whole, code, bold, italic, struck, link] = match;
    if (code) parts.push(make("code", {}, code.slice(3, -3)));
    else if (bold) parts.push(make("b", {}, ...formatText(bold)));
    else if (italic) parts.push(make("i", {}, ...formatText(italic)));
    else if (struck) parts.push(make("s", {}, ...formatText(struck)));
    else parts.push(make("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link));
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts.filter(Boolean);
}

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "code" };

// Formats text by marked parts. Offsets and lengths count UTF-16 units, as JavaScript does; nested parts are left out.
export function formatEntities(text, entities) {
  const parts = [];
  let end = 0;
  for (const { type, offset, length, url } of entities) {
    if (offset < end || !(TAGS[type] || url)) continue;
    parts.push(text.slice(end, offset));
    end = offset + length;
    const inside = text.slice(offset, end);
    parts.push(
      url ? make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, inside) : make(TAGS[type], {}, inside),
    );
  }
  parts.push(text.slice(end));
  return parts.filter(Boolean);
}

export const timeOfDay = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export const exactTime = (at) =>
  new Date(at).toLocaleTimeString("en-GB", {
    fractionalSecondDigits: 3,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });

export function dayLabel(at) {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString()
    ? "Today"
    : date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

export function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export const duration = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => word[0])
    .filter(Boolean)
    .slice(0, 2)
    .join("")
    .toUpperCase();

// A message in one line, for the list of customers and for quotes.
export function summary(message) {
  if (message.text) return message.text;
  if (message.caption) return message.caption;
  if (message.type === "document") return message.filename || "Document";
  const names = {
    image: "Photo",
    video: "Video",
    audio: message.voice ? "Voice message" : "Audio",
    sticker: "Sticker",
    location: "Location",
  };
  return names[message.type] ?? message.type;
}
