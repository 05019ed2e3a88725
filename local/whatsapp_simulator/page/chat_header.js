// The header of the chat: the business, whether its webhook responds, and the 24-hour window.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { chosenContact, postControl, onChange, state } from "./connection.js";
import { initials } from "./formatting.js";

let typingTimer = 0;

export function startChatHeader() {
  byId("window").addEventListener("click", () =>
    postControl("window", { contact: state.chosen, open: !chosenContact().window_open }),
  );
  byId("number").addEventListener("click", () =>
    postControl("contacts", { wa_id: state.chosen, hide_number: !chosenContact().number_hidden }),
  );
  onChange(render);
}

function render() {
  const contact = chosenContact();
  if (!contact) return;
  byId("business-avatar").textContent = initials(state.business.name);
  byId("business-name").textContent = state.business.name;
  renderTyping(contact);
  const open = contact.window_open;
  const button = byId("window");
  const label = open
    ? "24 h window: open. Press to close it"
    : "24 h window: closed, the business may not write. Press to open it";
  button.setAttribute("aria-pressed", String(open));
  button.setAttribute("aria-label", label);
  button.title = label;
  renderNumber(!contact.number_hidden);
  renderBanner();
}

function renderNumber(visible) {
  const button = byId("number");
  const label = visible
    ? "The business sees your number. Press to hide it"
    : "The business sees only your user id. Press to show your number";
  button.setAttribute("aria-pressed", String(visible));
  button.setAttribute("aria-label", label);
  button.title = label;
}

function renderTyping(contact) {
  const left = contact.typing_until - Date.now();
  const line = byId("business-state");
  line.textContent = left > 0 ? "typing…" : `You are ${contact.name}`;
  line.classList.toggle("typing", left > 0);
  clearTimeout(typingTimer);
  if (left > 0) typingTimer = setTimeout(() => renderTyping(chosenContact()), left + 50);
  const lines = byId("lines");
  lines.querySelector(".typing-row")?.remove();
  if (left > 0)
    lines.append(
      make(
        "div",
        { class: "row typing-row", "aria-hidden": "true" },
        make("div", { class: "bubble" }, make("span", { class: "dots" }, make("i"), make("i"), make("i"))),
      ),
    );
}

function renderBanner() {
  const { state: health, error, url, pending } = state.webhook;
  const waiting =
    pending === 1
      ? "1 delivery is waiting and will be tried again."
      : `${pending} deliveries are waiting and will be tried again.`;
  const texts = {
    unset: "The business has no webhook yet. What you send waits for it.",
    unreachable: `${error}.${pending ? ` ${waiting}` : ""}`,
    lost: "This page has lost the handset. Is it still running?",
  };
  const banner = byId("banner");
  const text = texts[health] ?? "";
  if (banner.dataset.text !== text) {
    banner.dataset.text = text;
    banner.replaceChildren(icon("warn"), make("span", {}, text));
    banner.className = health === "unset" ? "banner" : "banner bad";
    banner.hidden = !text;
  }
  const names = {
    reachable: "Webhook answers",
    unreachable: "Webhook fails",
    unset: "No webhook yet",
    unknown: "Webhook not tried yet",
    lost: "Handset not reached",
  };
  const hook = byId("hook");
  hook.replaceChildren(make("span", {}, names[health] ?? health), ...(url ? [make("code", { title: url }, url)] : []));
  hook.dataset.state = health;
}
