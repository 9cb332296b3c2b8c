// The keys for finding and going to places: Ctrl+F, F3, Ctrl+G or Alt+G, and Ctrl+Shift+O.

import type { EditorView } from "@codemirror/view";
import type { App } from "./app.ts";
import { find } from "./navigation/find.ts";
import { openLine, openObject } from "./navigation/goTo.ts";

export function mountNavigation(app: App, view: EditorView): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const { target, shiftKey: shift, altKey: alt } = event;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const isField = target instanceof Element && target.matches("input, textarea, select");
    if (key === "f" && command && !shift && !alt) {
      // In a field, such as that of the panel, the key opens the browser's search.
      if (isField) return;
      find(app, view, 0);
    } else if (key === "f3" && !command && !alt) find(app, view, shift ? -1 : 1);
    else if (key === "g" && !shift && command !== alt) openLine(app, view);
    else if (key === "o" && shift && command && !alt) openObject(app);
    else return;
    event.preventDefault();
  });
}
