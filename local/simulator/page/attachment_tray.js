// The files to send next. Files of one kind are sent together: several photos form an album.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { customerAction } from "./connection.js";

let files = []; // {file, kind}

const CAPTIONED = ["image", "video", "document"];

export const trayIsEmpty = () => files.length === 0;

const kindOf = (file) => ["image", "video", "audio"].find((kind) => file.type.startsWith(`${kind}/`)) ?? "document";

export function addFiles(added, kind = "") {
  files.push(...added.map((file) => ({ file, kind: kind || kindOf(file) })));
  render();
}

// Sends the files, with the text as the caption of the first kind that has captions.
// Returns the text when no file could carry it.
export async function sendTray(text) {
  const sending = files;
  files = [];
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
    await customerAction("media", form);
  }
  return caption;
}

function render() {
  const tray = byId("tray");
  for (const image of tray.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  tray.replaceChildren(...files.map(item));
  tray.hidden = files.length === 0;
  byId("text").placeholder = files.some((entry) => CAPTIONED.includes(entry.kind)) ? "Add a caption" : "Message";
}

function item(entry) {
  const preview =
    entry.kind === "image" ? make("img", { src: URL.createObjectURL(entry.file), alt: "" }) : icon(entry.kind);
  const remove = () => {
    files = files.filter((other) => other !== entry);
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
