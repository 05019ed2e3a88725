// The connection to the simulator: sends actions of the customer, receives changes as server-sent events.

import { toast } from "./elements.js";

export const state = {
  chosen: "",
  messages: new Map(),
  contacts: [],
  webhook: {},
  business: {},
  seen: {},
  channel: { name: "", switches: [], actions: [], suggestions: [], statuses: true }, // how the channel differs, as the simulator says
};

const listeners = [];

export const onChange = (listener) => listeners.push(listener);

export const messagesOf = (contact) => [...state.messages.values()].filter((message) => message.contact === contact);

export const findMessage = (id) => [...state.messages.values()].find((message) => message.id === id);

export const chosenContact = () => state.contacts.find((contact) => contact.id === state.chosen);

export function chooseContact(contact) {
  state.chosen = contact;
  sessionStorage.setItem("chosen", contact);
  notify([]);
}

// What an empty chat proposes may be known only after the deployment, so it is read again with each connection.
async function loadChannel() {
  try {
    state.channel = await fetchJson("channel");
  } catch {
    return;
  }
  document.title = `${state.channel.name} · Chatflow`;
  if (state.contacts.length) notify([], true);
}

export function connectEvents() {
  const events = new EventSource("/handset/events");
  let isFirst = true;
  events.onopen = async () => {
    isFirst = true;
    await loadChannel();
  };
  events.onmessage = (event) => {
    const changes = JSON.parse(event.data);
    // After a reconnection the server may be a new one, so its first event replaces the whole state.
    const all = isFirst;
    if (all) state.messages.clear();
    isFirst = false;
    for (const message of changes.messages) state.messages.set(message.seq, message);
    const { contacts, webhook, business, wire } = changes;
    Object.assign(state, { contacts, webhook, business, wire });
    if (!state.contacts.some((contact) => contact.id === state.chosen)) {
      const previous = sessionStorage.getItem("chosen");
      state.chosen = (state.contacts.find((contact) => contact.id === previous) ?? state.contacts[0]).id;
    }
    notify(changes.messages, all);
  };
  events.onerror = () => {
    state.webhook = { ...state.webhook, state: "lost" };
    notify([]);
  };
}

function notify(messages, all = false) {
  for (const listener of listeners) listener(messages, all);
}

async function post(path, body) {
  const isForm = body instanceof FormData;
  try {
    const answer = await fetch(path, {
      method: "POST",
      body: isForm ? body : JSON.stringify(body),
      headers: isForm ? {} : { "Content-Type": "application/json" },
    });
    const result = await answer.json();
    if (!answer.ok) toast(result.error ?? `The handset answered ${answer.status}`);
    return answer.ok ? result : null;
  } catch {
    toast("The handset does not answer. Is it still running?");
    return null;
  }
}

export const customerAction = (action, body) => post(`/handset/contacts/${state.chosen}/${action}`, body);
export const postControl = (path, body = {}) => post(`/handset/${path}`, body);
export const fetchJson = async (path) => (await fetch(`/handset/${path}`)).json();
