// The buttons under a message, and the sheet with the options of a list.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { customerAction } from "./connection.js";

export function taps(message) {
  if (message.buttons.length) {
    const buttons = message.buttons.map((button) =>
      make(
        "button",
        { type: "button", class: "tap", onclick: () => tap(message, button.id) },
        icon("reply"),
        button.title,
      ),
    );
    return make("div", { class: "taps", role: "group", "aria-label": "Answers" }, ...buttons);
  }
  if (message.rows.length) {
    const open = make(
      "button",
      { type: "button", class: "tap", "aria-haspopup": "dialog", onclick: () => showOptions(message) },
      icon("list"),
      message.list_button,
    );
    return make("div", { class: "taps" }, open);
  }
  return null;
}

const tap = (message, id) => customerAction("choice", { id, message: message.id });

function showOptions(message) {
  const sheet = byId("options");
  const close = make(
    "button",
    { type: "button", class: "round", "aria-label": "Close", onclick: () => sheet.close() },
    icon("close"),
  );
  const body = make("div", { class: "sheet-body" });
  let section = "";
  for (const row of message.rows) {
    if (row.section && row.section !== section) body.append(make("h3", {}, row.section));
    section = row.section;
    const pick = () => {
      sheet.close();
      tap(message, row.id);
    };
    const label = make(
      "span",
      {},
      make("b", {}, row.title),
      row.description ? make("small", {}, row.description) : null,
    );
    body.append(
      make("button", { type: "button", class: "option", onclick: pick }, label, make("i", { "aria-hidden": "true" })),
    );
  }
  sheet.replaceChildren(
    make("div", { class: "sheet-top" }, make("h2", { id: "options-title" }, message.list_button), close),
    body,
  );
  sheet.onclick = (event) => {
    if (event.target === sheet) sheet.close();
  };
  sheet.showModal();
  body.querySelector("button").focus();
}
