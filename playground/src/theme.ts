// The theme: that of the system, or light or dark if the user chooses it. The choice is stored if the
// browser allows it. An embedded page has the theme of its address.

import { embedded, embeddedTheme } from "./embed.ts";
import { button } from "./ui.ts";

const KEY = "theme";
const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

function storedTheme(): Theme {
  try {
    const value = embedded ? embeddedTheme : localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === value) ?? "system";
  } catch {
    return "system"; // The browser can forbid storage.
  }
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Applies the stored theme; called before the first rendering. */
export function startTheme(): void {
  apply(storedTheme());
}

/** The button that switches between system, light and dark. */
export function themeSwitch(): HTMLButtonElement {
  let theme = storedTheme();
  const control = button("", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] as Theme;
    apply(theme);
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // The theme is not stored, and applies until the page is closed.
    }
    show();
  }, { kind: "borderless", id: "theme", title: "Colours: system, light or dark" });
  function show(): void {
    (control.lastElementChild as HTMLElement).textContent = `Theme: ${theme}`;
  }
  show();
  return control;
}
