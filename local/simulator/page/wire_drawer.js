// The drawer with the HTTP exchanges; it updates while it is open.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { fetchJson, state } from "./connection.js";
import { exchangeOf } from "./exchange.js";

let last = 0;
let filter = "all";
let running = null;

export function startWire() {
  const open = byId("wire-open");
  open.append(icon("wire"));
  byId("wire-close").append(icon("close"));
  open.addEventListener("click", () => (byId("wire").hidden ? show() : hide()));
  byId("wire-close").addEventListener("click", hide);
  byId("wire").addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      filter = button.dataset.filter;
      for (const other of document.querySelectorAll("[data-filter]"))
        other.setAttribute("aria-pressed", String(other === button));
      applyFilter();
    });
  }
}

function show() {
  byId("wire").hidden = false;
  document.querySelector("[data-filter=status]").hidden = !state.channel.statuses;
  byId("wire-open").setAttribute("aria-expanded", "true");
  byId("wire-close").focus();
  running = Symbol("open");
  follow(running);
}

function hide() {
  running = null;
  byId("wire").hidden = true;
  byId("wire-open").setAttribute("aria-expanded", "false");
  byId("wire-open").focus();
}

async function follow(session) {
  while (running === session) {
    try {
      const update = await fetchJson(`wire?after=${last}&wait=20`);
      if (running !== session) return;
      if (update.last < last) byId("wire-list").replaceChildren(); // the simulator was restarted
      last = update.last;
      byId("wire-list").prepend(...update.exchanges.map(exchangeOf).reverse());
      applyFilter();
    } catch {
      await new Promise((resume) => {
        setTimeout(resume, 2000);
      });
    }
  }
}

function applyFilter() {
  const list = byId("wire-list");
  let shown = 0;
  for (const element of list.querySelectorAll(".exchange")) {
    element.hidden = filter !== "all" && element.dataset.kind !== filter;
    shown += element.hidden ? 0 : 1;
  }
  list.querySelector(".wire-none")?.remove();
  if (!shown) list.append(make("p", { class: "wire-none" }, "Nothing yet. Write a message and watch."));
}
