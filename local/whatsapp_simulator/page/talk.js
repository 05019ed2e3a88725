// Speaks with the handset: acts of the customer go out, changes come in as server-sent events.

import { toast } from "./elements.js";

export const state = { chosen: "", messages: new Map(), contacts: [], webhook: {}, business: {}, seen: {} };

const listeners = [];

export const onChange = (listener) => listeners.push(listener);

export const said = (contact) => [...state.messages.values()].filter((message) => message.contact === contact);

export const findByWamid = (wamid) => [...state.messages.values()].find((message) => message.wamid === wamid);

export const chosenContact = () => state.contacts.find((contact) => contact.wa_id === state.chosen);

export function choose(contact) {
  state.chosen = contact;
  sessionStorage.setItem("chosen", contact);
  tell([]);
}

export function listen() {
  const events = new EventSource("/handset/events");
  let fresh = true;
  events.onopen = () => {
    fresh = true;
  };
  events.onmessage = (event) => {
    const news = JSON.parse(event.data);
    // After a reconnection the handset may be another one: what it tells first is all there is.
    if (fresh) state.messages.clear();
    const all = fresh;
    fresh = false;
    for (const message of news.messages) state.messages.set(message.seq, message);
    Object.assign(state, { contacts: news.contacts, webhook: news.webhook, business: news.business, wire: news.wire });
    if (!state.contacts.some((contact) => contact.wa_id === state.chosen)) {
      const before = sessionStorage.getItem("chosen");
      state.chosen = (state.contacts.find((contact) => contact.wa_id === before) ?? state.contacts[0]).wa_id;
    }
    tell(news.messages, all);
  };
  events.onerror = () => {
    state.webhook = { ...state.webhook, state: "lost" };
    tell([]);
  };
}

function tell(messages, all = false) {
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

export const act = (what, body) => post(`/handset/contacts/${state.chosen}/${what}`, body);
export const control = (what, body = {}) => post(`/handset/${what}`, body);
export const ask = async (path) => (await fetch(`/handset/${path}`)).json();
