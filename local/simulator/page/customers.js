// The list of customers, to choose the one that this phone belongs to.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { chooseContact, postControl, onChange, messagesOf, state } from "./connection.js";
import { timeOfDay, summary, initials } from "./formatting.js";

const HUES = [12, 265, 205, 330, 150, 40, 235];

export const avatarColour = (id) =>
  `hsl(${HUES[[...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 1) % HUES.length]} 48% 34%)`;

export function startCustomers() {
  byId("people-close").append(icon("close"));
  byId("people-open").append(icon("people"));
  byId("new-button").append(icon("plus"));
  const panel = byId("people-panel");
  byId("people-open").addEventListener("click", () => {
    panel.classList.add("open");
    panel.querySelector("[aria-current=true]")?.focus();
  });
  byId("people-close").addEventListener("click", () => close());
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  byId("new-person").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = byId("new-number");
    const contact = field.value.trim() && (await postControl("contacts", { id: field.value }));
    if (!contact) return;
    field.value = "";
    chooseContact(contact.id);
    close();
  });
  onChange(render);
}

function close() {
  const panel = byId("people-panel");
  if (!panel.classList.contains("open")) return;
  panel.classList.remove("open");
  byId("people-open").focus();
}

function render() {
  byId("channel-name").textContent = state.channel.name || "Handset";
  byId("new-number").placeholder = state.channel.new_contact ?? "";
  const rows = state.contacts.map((contact) => {
    const messages = messagesOf(contact.id);
    const last = messages.at(-1);
    if (contact.id === state.chosen) state.seen[contact.id] = last?.seq ?? 0;
    const unread = messages.filter(
      (message) => message.direction === "out" && message.seq > (state.seen[contact.id] ?? 0),
    ).length;
    return person(contact, last, unread);
  });
  const list = byId("people");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.contact : null;
  list.replaceChildren(...rows);
  if (focused) list.querySelector(`[data-contact="${focused}"]`)?.focus();
}

function person(contact, last, unread) {
  const avatar = make("span", { class: "avatar", "aria-hidden": "true" }, initials(contact.name));
  avatar.style.background = avatarColour(contact.id);
  const badge = unread ? make("span", { class: "unread", "aria-label": `${unread} unread` }, String(unread)) : null;
  const text = make(
    "span",
    { class: "person-text" },
    make(
      "span",
      { class: "person-line" },
      make("span", { class: "person-name" }, contact.name),
      make("span", { class: "person-time" }, last ? timeOfDay(last.at) : ""),
    ),
    make(
      "span",
      { class: "person-line" },
      make("span", { class: "person-last" }, last ? summary(last) : `${state.channel.contact_prefix}${contact.id}`),
      badge,
    ),
  );
  const pick = () => {
    chooseContact(contact.id);
    close();
  };
  return make(
    "li",
    {},
    make(
      "button",
      {
        type: "button",
        class: "person",
        "aria-current": String(contact.id === state.chosen),
        data: { contact: contact.id },
        onclick: pick,
      },
      avatar,
      text,
    ),
  );
}
