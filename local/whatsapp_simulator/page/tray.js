// Files that are about to be sent. All of one kind go together: several photos are an album.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { act } from "./talk.js";

let waiting = []; // {file, kind}

const CAPTIONED = ["image", "video", "document"];

export const trayIsEmpty = () => waiting.length === 0;

const kindOf = (file) => ["image", "video", "audio"].find((kind) => file.type.startsWith(`${kind}/`)) ?? "document";

export function addFiles(files, kind = "") {
  waiting.push(...files.map((file) => ({ file, kind: kind || kindOf(file) })));
  render();
}

// Sends what waits, with the text as caption where the kind has one; returns the text that is still to be sent.
export async function sendTray(text) {
  const sending = waiting;
  waiting = [];
  render();
  let caption = text;
  for (const kind of [...new Set(sending.map((item) => item.kind))]) {
    const form = new FormData();
    form.set("kind", kind);
    if (kind === "audio") form.set("voice", "true");
    if (caption && CAPTIONED.includes(kind)) {
      form.set("caption", caption);
      caption = "";
    }
    for (const item of sending) if (item.kind === kind) form.append("file", item.file);
    await act("media", form);
  }
  return caption;
}

function render() {
  const tray = byId("tray");
  for (const image of tray.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  tray.replaceChildren(...waiting.map(item));
  tray.hidden = waiting.length === 0;
  byId("text").placeholder = waiting.some((entry) => CAPTIONED.includes(entry.kind)) ? "Add a caption" : "Message";
}

function item(entry) {
  const preview =
    entry.kind === "image" ? make("img", { src: URL.createObjectURL(entry.file), alt: "" }) : icon(entry.kind);
  const remove = () => {
    waiting = waiting.filter((other) => other !== entry);
    render();
    byId("text").focus();
  };
  return make(
    "div",
    { class: "tray-item" },
    make("div", { class: "tray-shot" }, preview),
    make("span", { class: "tray-name" }, entry.file.name),
    make(
      "button",
      { type: "button", class: "round", "aria-label": `Remove ${entry.file.name}`, onclick: remove },
      icon("close"),
    ),
  );
}
