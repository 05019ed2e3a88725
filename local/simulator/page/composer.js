// The input area: a text, files with a caption, pasted or dropped pictures.

import { startAttachMenu } from "./attach_menu.js";
import { byId } from "./elements.js";
import { icon } from "./icons.js";
import { customerAction } from "./connection.js";
import { addFiles, sendTray, trayIsEmpty } from "./attachment_tray.js";

export function startComposer() {
  const text = byId("text");
  byId("send").append(icon("send"));
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  text.addEventListener("input", fit);
  text.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      addFiles([...event.clipboardData.files]);
    }
  });
  startAttachMenu();
  startDropping();
}

async function send() {
  const field = byId("text");
  const text = field.value.trim();
  if (!text && trayIsEmpty()) return;
  field.value = "";
  fit();
  field.focus();
  const left = await sendTray(text);
  if (left && !(await customerAction("text", { text: left }))) {
    field.value = left;
    fit();
  }
}

function fit() {
  const field = byId("text");
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

function startDropping() {
  const phone = document.querySelector(".phone");
  let depth = 0;
  const show = (change) => {
    depth = Math.max(0, depth + change);
    byId("drop").hidden = depth === 0;
  };
  phone.addEventListener("dragenter", (event) => {
    if (event.dataTransfer.types.includes("Files")) show(1);
  });
  phone.addEventListener("dragleave", () => show(-1));
  phone.addEventListener("dragover", (event) => event.preventDefault());
  phone.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    show(0);
    addFiles([...event.dataTransfer.files]);
    byId("text").focus();
  });
}
