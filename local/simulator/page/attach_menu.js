// The attachment menu: own files, a location, what only this channel has, and built-in samples.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { customerAction, fetchJson, state } from "./connection.js";
import { addFiles } from "./attachment_tray.js";
import { fileSize } from "./formatting.js";

const PICKS = [
  ["image", "Photos", "image/*"],
  ["video", "Video", "video/*"],
  ["document", "Document", ""],
  ["audio", "Voice note", "audio/*"],
];

const PLACE = { latitude: 51.50732, longitude: -0.12765, name: "Charing Cross", address: "London WC2N 5DU" };

let kindToPick = "";

export function startAttachMenu() {
  const button = byId("attach");
  const menu = byId("attach-menu");
  button.append(icon("attach"));
  button.addEventListener("click", () => (menu.hidden ? open() : close()));
  menu.addEventListener("keydown", move);
  document.addEventListener("click", (event) => {
    if (!menu.hidden && !menu.contains(event.target) && !button.contains(event.target)) close(false);
  });
  byId("pick").addEventListener("change", (event) => {
    addFiles([...event.target.files], kindToPick);
    event.target.value = "";
    byId("text").focus();
  });
}

async function open() {
  const menu = byId("attach-menu");
  menu.replaceChildren(
    ...PICKS.map(([kind, label, accept]) => entry(kind, label, "", () => pick(kind, accept))),
    entry("location", "Location", "", () => customerAction("location", PLACE)),
    ...state.channel.actions.map(({ icon: kind, label, action, body }) =>
      entry(kind, label, "", () => customerAction(action, body)),
    ),
    make("hr"),
    make("h3", { id: "samples-title" }, "Send a sample"),
  );
  menu.hidden = false;
  byId("attach").setAttribute("aria-expanded", "true");
  menu.querySelector("button").focus();
  const { samples } = await fetchJson("samples");
  menu.append(
    ...samples.map((sample) =>
      entry(sample.kind, sample.label, fileSize(sample.size), () => customerAction("sample", { sample: sample.name })),
    ),
  );
}

function close(refocus = true) {
  byId("attach-menu").hidden = true;
  byId("attach").setAttribute("aria-expanded", "false");
  if (refocus) byId("attach").focus();
}

function entry(kind, label, note, run) {
  const choose = () => {
    close();
    run();
  };
  return make(
    "button",
    { type: "button", role: "menuitem", tabIndex: -1, onclick: choose },
    make("span", { class: "dot", data: { kind } }, icon(kind)),
    make("span", {}, label),
    note ? make("small", {}, note) : null,
  );
}

function pick(kind, accept) {
  kindToPick = kind;
  const field = byId("pick");
  field.accept = accept;
  field.click();
}

function move(event) {
  const entries = [...byId("attach-menu").querySelectorAll("button")];
  const at = entries.indexOf(document.activeElement);
  const target = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close();
  if (target !== undefined) entries[target % entries.length].focus();
  if (target !== undefined || event.key === "Escape") event.preventDefault();
}
