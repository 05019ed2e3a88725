// Puts the page together.

import { startChat } from "./chat.js";
import { startComposer } from "./composer.js";
import { byId } from "./elements.js";
import { icon } from "./icons.js";
import { startPeople } from "./people.js";
import { startStatus } from "./status.js";
import { listen } from "./talk.js";
import { startWire } from "./wire.js";

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
startPeople();
startStatus();
startChat();
startComposer();
startWire();
listen();
byId("text").focus();
