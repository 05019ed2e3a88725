// Entry point: starts the parts of the page.

import { startConversation } from "./conversation.js";
import { startComposer } from "./composer.js";
import { byId } from "./elements.js";
import { icon } from "./icons.js";
import { startCustomers } from "./customers.js";
import { startChatHeader } from "./chat_header.js";
import { connectEvents } from "./connection.js";
import { startWire } from "./wire_drawer.js";

function startTheme() {
  const root = document.documentElement;
  const isDark = () =>
    (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const button = byId("theme");
  const show = () => button.replaceChildren(icon(isDark() ? "sun" : "moon"));
  const chosen = localStorage.getItem("theme");
  if (chosen) root.dataset.theme = chosen;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    show();
  });
  show();
}

startTheme();
startCustomers();
startChatHeader();
startConversation();
startComposer();
startWire();
connectEvents();
byId("text").focus();
