// Help on the fields of Kubernetes in the editor: their documentation, by pointer and by keyboard, and completion.

import { type EditorState, type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view";
import type { CandidateInfo, HoverReport } from "../engine/pkg/engine.js";
import type { App, Target } from "./app.ts";
import { explain, explanationBox, focusExplanation } from "./marks.ts";
import { h } from "./ui.ts";

/** The document around a position, and the position in it. */
function placeOf(state: EditorState, position: number): { text: string; first: number; line: number; column: number } {
  const { doc } = state;
  const line = doc.lineAt(position);
  const isMarker = (number: number): boolean => /^---(\s|$)/.test(doc.line(number).text);
  let first = line.number;
  while (first > 1 && !isMarker(first)) first -= 1;
  let last = line.number;
  while (last < doc.lines && !isMarker(last + 1)) last += 1;
  return { text: doc.sliceString(doc.line(first).from, doc.line(last).to), first, line: line.number - first + 1, column: position - line.from + 1 };
}

/** The level and version whose values are proposed: those of enforce, unless it has no requirement. */
function policyOf(app: App): Target {
  const { enforce } = app.state.choices;
  return enforce.level === "privileged" ? { level: "restricted", version: "latest" } : { ...enforce };
}

function documentation(view: EditorView, app: App, report: HoverReport): HTMLElement {
  return explanationBox(view, `Documentation of ${report.path}`, [
    h(
      "div",
      { class: "explanation-item" },
      h("p", {}, h("code", {}, report.path), report.typeName ? h("span", { class: "muted" }, ` ${report.typeName}`) : null),
      report.values.length ? h("p", {}, `Values: ${report.values.join(", ")}.`) : null,
    ),
    report.checks.map((check) =>
      h(
        "div",
        { class: "explanation-item" },
        h("p", {}, h("button", { type: "button", class: "link", onClick: () => app.openCheck(check.id) }, check.title), h("span", { class: "muted" }, ` ${check.level}, since ${check.since}`)),
        h("p", {}, check.why),
        check.allowed.length ? h("p", {}, `Allowed: ${check.allowed.join(", ")}.`) : null,
      ),
    ),
  ]);
}

interface Completion {
  from: number;
  to: number;
  candidates: readonly CandidateInfo[];
  selected: number;
}

const setCompletion = StateEffect.define<Completion | null>();
const setDocumentation = StateEffect.define<Tooltip | null>();

const LIST_ID = "completion-list";
/** The number of candidates in the list; typing finds the others. */
const MAX_CANDIDATES = 50;

/** `announce` tells screen readers about the list. `hasMark` is whether a finding has its own explanation at a position. */
export function fieldHelp(app: App, announce: (text: string) => void, hasMark: (state: EditorState, position: number) => boolean): Extension {
  const completion = StateField.define<Completion | null>({
    create: () => null,
    update(value, transaction) {
      for (const effect of transaction.effects) if (effect.is(setCompletion)) return effect.value;
      return transaction.docChanged || transaction.selection ? null : value;
    },
    provide: (field) => [
      showTooltip.computeN([field], (state) => {
        const value = state.field(field);
        return value ? [{ pos: value.from, create: (view) => ({ dom: listOf(view, value) }) }] : [];
      }),
      EditorView.contentAttributes.compute([field], (state) => {
        const value = state.field(field);
        const attributes: Record<string, string> = { "aria-autocomplete": "list" };
        return value ? { ...attributes, "aria-controls": LIST_ID, "aria-activedescendant": `${LIST_ID}-${value.selected}` } : attributes;
      }),
    ],
  });

  const documented = StateField.define<Tooltip | null>({
    create: () => null,
    update(value, transaction) {
      for (const effect of transaction.effects) {
        if (effect.is(setDocumentation)) return effect.value;
        if (effect.is(explain) && effect.value !== null) return null;
      }
      return transaction.docChanged || transaction.selection ? null : value;
    },
    provide: (field) => showTooltip.from(field),
  });

  function listOf(view: EditorView, { candidates, selected }: Completion): HTMLElement {
    const list = h(
      "ul",
      { class: "completion", id: LIST_ID, role: "listbox", "aria-label": "Completions" },
      candidates.map((candidate, index) =>
        h(
          "li",
          {
            id: `${LIST_ID}-${index}`,
            role: "option",
            "aria-selected": String(index === selected),
            title: candidate.documentation || null,
            onMousedown: (event: MouseEvent) => {
              event.preventDefault();
              if (event.button === 0) accept(view, index);
            },
          },
          candidate.label,
          h("span", { class: "muted" }, ` ${candidate.checks.join(", ") || candidate.detail}`),
        ),
      ),
    );
    // After it is in the page.
    requestAnimationFrame(() => list.children[selected]?.scrollIntoView({ block: "nearest" }));
    return list;
  }

  /** The number of the last request; answers to earlier ones are dropped. */
  let request = 0;

  async function open(view: EditorView, isExplicit: boolean): Promise<void> {
    request += 1;
    const own = request;
    const { state } = view;
    const position = state.selection.main.head;
    const { text, first, line, column } = placeOf(state, position);
    const report = await app.engine.complete(text, line, column, policyOf(app), isExplicit);
    if (own !== request || view.state.doc !== state.doc || view.state.selection.main.head !== position || !view.hasFocus) return;
    const start = report && state.doc.line(Math.min(report.range.start.line + first - 1, state.doc.lines));
    const from = report && start ? start.from + report.range.start.column - 1 : position;
    const to = report && start ? Math.max(start.from + report.range.end.column - 1, position) : position;
    const typed = state.doc.sliceString(from, position).toLowerCase();
    const candidates = (report?.candidates ?? []).filter(({ label }) => label.toLowerCase().startsWith(typed)).slice(0, MAX_CANDIDATES);
    // What is written already needs no list. Nor does a value that begins others, as Pod begins PodTemplate: Enter has to end its line.
    const written = state.doc.sliceString(from, to);
    const isWritten = candidates.some(({ label, kind }) => label === written && (kind === "value" || candidates.length === 1));
    if (!candidates.length || (isWritten && !isExplicit)) {
      if (isExplicit) announce("There is nothing to complete here.");
      if (view.state.field(completion)) view.dispatch({ effects: setCompletion.of(null) });
      return;
    }
    view.dispatch({ effects: setCompletion.of({ from, to, candidates, selected: 0 }) });
    announce(`${candidates.length} completion${candidates.length === 1 ? "" : "s"}.`);
  }

  function accept(view: EditorView, index?: number): boolean {
    const value = view.state.field(completion);
    const candidate = value?.candidates[index ?? value.selected];
    if (!value || !candidate) return false;
    request += 1;
    view.dispatch({
      changes: { from: value.from, to: value.to, insert: view.state.toText(candidate.text) },
      selection: { anchor: value.from + candidate.text.length },
      effects: setCompletion.of(null),
      userEvent: "input.complete",
    });
    return true;
  }

  const move = (by: number) => (view: EditorView): boolean => {
    const value = view.state.field(completion);
    if (!value) return false;
    const { length } = value.candidates;
    view.dispatch({ effects: setCompletion.of({ ...value, selected: (value.selected + by + length) % length }) });
    return true;
  };

  const close = (view: EditorView): boolean => {
    request += 1;
    if (!view.state.field(completion) && !view.state.field(documented)) return false;
    view.dispatch({ effects: [setCompletion.of(null), setDocumentation.of(null)] });
    return true;
  };

  async function documentationAt(view: EditorView, position: number, isExplicit: boolean): Promise<Tooltip | null> {
    const { text, first, line, column } = placeOf(view.state, position);
    const report = await app.engine.hover(text, line, column, policyOf(app), isExplicit);
    if (!report) return null;
    const start = view.state.doc.line(Math.min(report.range.start.line + first - 1, view.state.doc.lines));
    return { pos: Math.min(start.from + report.range.start.column - 1, start.to), arrow: true, create: () => ({ dom: documentation(view, app, report) }) };
  }

  function showDocumentation(view: EditorView): boolean {
    if (view.state.field(documented) && focusExplanation(view)) return true;
    const { doc, selection } = view.state;
    void documentationAt(view, selection.main.head, true).then((tooltip) => {
      if (view.state.doc !== doc || view.state.selection.main.head !== selection.main.head) return;
      view.dispatch({ effects: [explain.of(null), setDocumentation.of(tooltip)] });
      announce(tooltip ? (tooltip.create(view).dom.textContent ?? "") : "There is no documentation here.");
    });
    return true;
  }

  return [
    completion,
    documented,
    hoverTooltip((view, position) => (hasMark(view.state, position) || view.state.field(documented) ? null : documentationAt(view, position, false)), { hideOnChange: true, hoverTime: 400 }),
    EditorView.focusChangeEffect.of((state, isFocused) => (isFocused || !state.field(completion) ? null : setCompletion.of(null))),
    EditorView.updateListener.of((update) => {
      const isTyped = update.transactions.some((one) => one.isUserEvent("input.type") || (one.isUserEvent("delete.backward") && update.startState.field(completion) !== null));
      if (!update.docChanged || !isTyped) return;
      const { head } = update.state.selection.main;
      if (/[A-Za-z]/.test(update.state.doc.sliceString(Math.max(head - 1, 0), head))) void open(update.view, false);
    }),
    Prec.highest(
      keymap.of([
        { key: "Ctrl-Space", run: (view) => (void open(view, true), true) },
        { key: "ArrowDown", run: move(1) },
        { key: "ArrowUp", run: move(-1) },
        { key: "Enter", run: (view) => accept(view) },
        { key: "Tab", run: (view) => accept(view) },
        { key: "Escape", run: close },
        // On macOS, Option+H types this character.
        { key: "Alt-h", mac: "Alt-˙", run: showDocumentation },
      ]),
    ),
  ];
}
