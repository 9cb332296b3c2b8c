// The find panel above the editor. It searches the whole text, not only the lines that are drawn.

import { EditorSelection } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { App } from "../app.ts";
import { firstMatchFrom, matchesIn, setQuery } from "../findMatches.ts";
import { button, h } from "../ui.ts";

interface Panel {
  open(): void;
  /** Selects the next match, or the one before. */
  step(direction: -1 | 1): void;
}

let panel: Panel | null = null;

/** Opens the panel, or selects another match if `step` is not 0. */
export function find(app: App, view: EditorView, step: -1 | 0 | 1): void {
  panel ??= createPanel(app, view);
  if (step) panel.step(step);
  else panel.open();
}

function createPanel(app: App, view: EditorView): Panel {
  const input = h("input", { class: "input", type: "text", "aria-label": "Find", placeholder: "Find", spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
  const matchCase = h("input", { type: "checkbox", onChange: () => search(true) });
  const wholeWord = h("input", { type: "checkbox", onChange: () => search(true) });
  const status = h("p", { class: "hint", role: "status" });
  const element = h(
    "div",
    { class: "find-panel", role: "search", "aria-label": "Find in the text", hidden: true },
    input,
    button("Previous", () => step(-1), { small: true, title: "Shift+Enter" }),
    button("Next", () => step(1), { small: true, title: "Enter" }),
    h("label", { class: "check" }, matchCase, "Match case"),
    h("label", { class: "check" }, wholeWord, "Whole word"),
    status,
    button("Close", close, { small: true, kind: "borderless", icon: "close", iconOnly: true, name: "Close the find panel" }),
  );
  document.getElementById("editor")?.before(element);

  input.addEventListener("input", () => search(true));
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === input) step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  // Another file, or a change of the text.
  app.onState(() => element.hidden || showCount());
  app.onReport(() => element.hidden || showCount());

  function query(): RegExp | null {
    if (!input.value) return null;
    const literal = input.value.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    return new RegExp(wholeWord.checked ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal, matchCase.checked ? "gu" : "giu");
  }

  /** Searches for the text of the field; `select` selects the first match from the cursor on. */
  function search(select: boolean): void {
    view.dispatch({ effects: setQuery.of(query()) });
    if (!select || !matchesIn(view.state.doc).length) return showCount();
    go(firstMatchFrom(matchesIn(view.state.doc), view.state.selection.main.from));
  }

  /** Selects a match; after the last one follows the first. */
  function go(index: number): void {
    const offsets = matchesIn(view.state.doc);
    const count = offsets.length / 2;
    if (!count) return showCount();
    const at = (index + count) % count;
    const [from, to] = [offsets[2 * at] ?? 0, offsets[2 * at + 1] ?? 0];
    view.dispatch({ selection: EditorSelection.single(from, to), effects: EditorView.scrollIntoView(from, { y: "center" }), userEvent: "select.search" });
    showCount();
  }

  function step(direction: -1 | 1): void {
    if (element.hidden) view.dispatch({ effects: setQuery.of(query()) });
    const { from, to } = view.state.selection.main;
    const offsets = matchesIn(view.state.doc);
    const next = firstMatchFrom(offsets, direction > 0 ? Math.max(to, from + 1) : from);
    go(direction > 0 ? next : next - 1);
    if (element.hidden) close(false);
  }

  function showCount(): void {
    const offsets = matchesIn(view.state.doc);
    const count = offsets.length / 2;
    const { from, to } = view.state.selection.main;
    const at = firstMatchFrom(offsets, from);
    const isMatch = offsets[2 * at] === from && offsets[2 * at + 1] === to;
    const text = !input.value ? "" : !count ? "No matches" : isMatch ? `${at + 1} of ${count}` : `${count} ${count === 1 ? "match" : "matches"}`;
    if (status.textContent !== text) status.textContent = text;
  }

  function close(focus = true): void {
    element.hidden = true;
    view.dispatch({ effects: setQuery.of(null) });
    if (focus) view.focus();
  }

  return {
    step,
    open() {
      element.hidden = false;
      // A selection within a line is what to find.
      const { from, to } = view.state.selection.main;
      const selected = view.state.sliceDoc(from, Math.min(to, from + 200));
      if (selected && !selected.includes("\n")) input.value = selected;
      input.focus();
      input.select();
      search(false);
    },
  };
}
