// The header of the chat: the business, whether its webhook responds, and the channel's switches.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { chosenContact, customerAction, onChange, state } from "./connection.js";
import { initials } from "./formatting.js";

let typingTimer = 0;

export function startChatHeader() {
  onChange(render);
}

function render() {
  const contact = chosenContact();
  if (!contact) return;
  byId("business-avatar").textContent = initials(state.business.name);
  byId("business-name").textContent = state.business.name;
  renderTyping(contact);
  renderSwitches(contact);
  renderBanner();
}

// The channel's own switches, as of whether the business may write.
function renderSwitches(contact) {
  const box = byId("switches");
  if (box.children.length !== state.channel.switches.length) box.replaceChildren(...state.channel.switches.map(switchOf));
  for (const [index, { name, ...labels }] of state.channel.switches.entries()) {
    const on = contact.switches[name];
    const label = on ? labels.on : labels.off;
    const button = box.children[index];
    button.setAttribute("aria-pressed", String(on));
    button.setAttribute("aria-label", label);
    button.title = label;
  }
}

const switchOf = ({ name, label }) =>
  make(
    "button",
    {
      type: "button",
      class: "switch",
      onclick: () => customerAction("switch", { switch: name, on: !chosenContact().switches[name] }),
    },
    label,
  );

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
