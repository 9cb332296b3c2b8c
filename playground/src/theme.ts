// The theme: the system's, unless the user says light or dark. It is remembered where that is allowed.

import { button } from "./ui.ts";

const KEY = "theme";
const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

function remembered(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === value) ?? "system";
  } catch {
    return "system"; // Storage can be forbidden; then every visit begins with the system's.
  }
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Makes what was remembered hold; called before anything is shown. */
export function startTheme(): void {
  apply(remembered());
}

/** The switch: each press goes on to the next of system, light and dark. */
export function themeSwitch(): HTMLButtonElement {
  let theme = remembered();
  const control = button("", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] as Theme;
    apply(theme);
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // It holds for this visit.
    }
    show();
  }, { kind: "quiet", id: "theme", title: "Colours: as the system has them, light or dark" });
  function show(): void {
    (control.lastElementChild as HTMLElement).textContent = `Theme: ${theme}`;
  }
  show();
  return control;
}
