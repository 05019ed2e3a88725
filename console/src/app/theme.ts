export type Theme = "system" | "light" | "dark";

const KEY = "chatflow-appearance";
const DARK = window.matchMedia("(prefers-color-scheme: dark)");

export function storedTheme(): Theme {
  const stored = window.localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function storeTheme(theme: Theme): void {
  window.localStorage.setItem(KEY, theme);
}

/** Show the page light or dark. Cloudscape's tokens follow this class. */
export function applyTheme(theme: Theme): void {
  const dark = theme === "dark" || (theme === "system" && DARK.matches);
  document.body.classList.toggle("awsui-dark-mode", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}

DARK.addEventListener("change", () => applyTheme(storedTheme()));
