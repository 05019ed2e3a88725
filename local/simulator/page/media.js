// Files in bubbles: inline pictures and videos, documents with their name, voice notes with a player.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { audioPlayer } from "./audio_player.js";
import { fileSize } from "./formatting.js";

function address(message) {
  if (!message.media) return message.link;
  const name = message.type === "document" ? `?as=${encodeURIComponent(message.filename || "Untitled")}` : "";
  return `/handset/media/${message.media}${name}`;
}

export function media(group) {
  if (group.length > 1)
    return group[0].type === "image" || group[0].type === "video" ? album(group) : make("div", {}, ...group.map(one));
  return one(group[0]);
}

function one(message) {
  const show = { image: picture, video: clip, audio: audioPlayer, document: paper, sticker, location: place }[message.type];
  return show ? show(message, address(message)) : null;
}

function album(group) {
  const grid = make("div", { class: "album", role: "group", "aria-label": `${group.length} files` }, ...group.map(one));
  if (group.length % 2) grid.dataset.odd = "";
  return grid;
}

function picture(message, url) {
  const label = message.caption || "Photo";
  return make(
    "button",
    { type: "button", class: "picture", "aria-label": `Open: ${label}`, onclick: () => view(url, label) },
    make("img", { src: url, alt: label, loading: "lazy" }),
  );
}

// The browser's own controls cover half of a small picture, so they appear at the first click.
function clip(message, url) {
  const video = make("video", {
    class: "clip",
    src: url,
    preload: "metadata",
    "aria-label": message.caption || "Video",
  });
  const start = make(
    "button",
    { type: "button", class: "clip-start", "aria-label": `Play: ${message.caption || "Video"}` },
    icon("play"),
  );
  start.addEventListener("click", () => {
    start.remove();
    video.controls = true;
    video.focus();
    video.play().catch(() => {});
  });
  return make("div", { class: "clip-box" }, video, start);
}

const sticker = (_, url) => make("img", { class: "sticker", src: url, alt: "Sticker" });

function paper(message, url) {
  const name = message.filename || "Untitled";
  const ending = (name.match(/\.([a-z0-9]{1,4})$/i)?.[1] ?? "file").toLowerCase();
  const details = [message.size ? fileSize(message.size) : "", ending === "file" ? "" : ending.toUpperCase()]
    .filter(Boolean)
    .join(" · ");
  return make(
    "a",
    { class: "paper", href: url, download: name, "aria-label": `Download ${name}, ${details}` },
    make("span", { class: "paper-kind", data: { kind: ending }, "aria-hidden": "true" }, ending.toUpperCase()),
    make(
      "span",
      { class: "paper-text" },
      make("span", { class: "paper-name" }, name),
      make("span", { class: "paper-size" }, details),
    ),
    icon("download"),
  );
}

function place(message) {
  const { latitude, longitude, name, address: where } = message.location;
  const point = `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}`;
  return make(
    "div",
    { class: "place" },
    icon("location"),
    make("span", {}, make("b", {}, name || "Location"), make("small", {}, where || point)),
  );
}

function view(url, label) {
  const viewer = byId("viewer");
  const close = make(
    "button",
    { type: "button", class: "round", "aria-label": "Close", onclick: () => viewer.close() },
    icon("close"),
  );
  viewer.replaceChildren(make("img", { src: url, alt: label }), close);
  viewer.onclick = (event) => {
    if (event.target === viewer) viewer.close();
  };
  viewer.showModal();
}
