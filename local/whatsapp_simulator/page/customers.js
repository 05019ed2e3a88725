// The list of customers, to choose the one that this phone belongs to.

import { byId, make } from "./elements.js";
import { icon } from "./icons.js";
import { chooseContact, postControl, onChange, messagesOf, state } from "./connection.js";
import { timeOfDay, summary, initials } from "./formatting.js";

const HUES = [12, 265, 205, 330, 150, 40, 235];

export const avatarColour = (waId) =>
  `hsl(${HUES[[...waId].reduce((sum, digit) => sum * 3 + Number(digit), 0) % HUES.length]} 48% 34%)`;

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
    const contact = field.value.trim() && (await postControl("contacts", { wa_id: field.value }));
    if (!contact) return;
    field.value = "";
    chooseContact(contact.wa_id);
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
  const rows = state.contacts.map((contact) => {
    const messages = messagesOf(contact.wa_id);
    const last = messages.at(-1);
    if (contact.wa_id === state.chosen) state.seen[contact.wa_id] = last?.seq ?? 0;
    const unread = messages.filter(
      (message) => message.direction === "out" && message.seq > (state.seen[contact.wa_id] ?? 0),
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
  avatar.style.background = avatarColour(contact.wa_id);
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
      make("span", { class: "person-last" }, last ? summary(last) : `+${contact.wa_id}`),
      badge,
    ),
  );
  const pick = () => {
    chooseContact(contact.wa_id);
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
        "aria-current": String(contact.wa_id === state.chosen),
        data: { contact: contact.wa_id },
        onclick: pick,
      },
      avatar,
      text,
    ),
  );
}
