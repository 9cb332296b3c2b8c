// The editor: CodeMirror with YAML highlighting, key bindings, and the core's line and column positions. Each file has its own
// editor state.

import "./styleSheets.ts";
import { history, isolateHistory } from "@codemirror/commands";
import { type ChangeSpec, EditorState, type Extension, type StateEffect, type Text, type TransactionSpec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, lineNumbers, type ViewUpdate } from "@codemirror/view";
import type { Fix, Range } from "../engine/pkg/engine.js";
import { keys } from "./keys.ts";
import { fullText, lineEndingsOf, parseLineEndings, setLineEndings } from "./lineEndings.ts";
import { yamlHighlighting } from "./yaml.ts";

export interface Editor {
  readonly view: EditorView;
  /** A new state for a text, with an empty history. */
  create(text: string): EditorState;
  /** Shows the state of a file, at a scroll position that `view.scrollSnapshot` returned. */
  show(state: EditorState, scroll?: StateEffect<unknown>): void;
  /** Applies the edits of a fix, in one undo step. */
  apply(fix: Fix): void;
  /** Scrolls to a range, selects it and takes the focus. */
  select(range: Range): void;
}

/** The editor's offset of a position of the core; the nearest one if the text has changed. */
export function offsetOf(doc: Text, position: { line: number; column: number }): number {
  if (position.line < 1) return 0;
  if (position.line > doc.lines) return doc.length;
  const line = doc.line(position.line);
  return Math.min(line.from + Math.max(position.column - 1, 0), line.to);
}

const texts = new WeakMap<Text, string>();

/** The text of a state with its original line endings. */
export function textOf(state: EditorState): string {
  let text = texts.get(state.doc);
  if (text === undefined) texts.set(state.doc, (text = fullText(state)));
  return text;
}

/** The change of a state to another text. What both texts begin and end with is kept, with its selection and marks. */
export function replacement(state: EditorState, text: string): TransactionSpec {
  const before = state.doc.toString();
  const next = state.toText(text);
  const after = next.toString();
  let from = 0;
  let end = 0;
  const limit = Math.min(before.length, after.length);
  while (from < limit && before[from] === after[from]) from += 1;
  while (end < limit - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return {
    changes: { from, to: before.length - end, insert: next.slice(from, after.length - end) },
    effects: setLineEndings.of(parseLineEndings(text)),
    userEvent: "input.replace",
  };
}

/** Creates the editor with an empty state. */
export function createEditor(host: HTMLElement, hintId: string, onUpdate: (update: ViewUpdate) => void, extensions: Extension): Editor {
  const shared: Extension = [
    extensions,
    lineNumbers(),
    highlightSpecialChars(),
    history({ minDepth: 500 }),
    drawSelection(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    yamlHighlighting,
    // After Escape, CodeMirror lets Tab move the focus; the hint below the editor describes it.
    keys,
    EditorView.contentAttributes.of({
      "aria-label": "Manifests, YAML or JSON",
      "aria-describedby": hintId,
      tabindex: "0",
      spellcheck: "false",
      autocorrect: "off",
      autocapitalize: "off",
    }),
    EditorView.updateListener.of(onUpdate),
  ];
  const create = (text: string): EditorState => EditorState.create({ doc: text, extensions: [lineEndingsOf(text), shared] });
  const view = new EditorView({ parent: host });

  return {
    view,
    create,
    show(state, scroll) {
      view.setState(state);
      // What is typed from now on is a step of its own.
      view.dispatch({ effects: scroll ?? [], annotations: isolateHistory.of("full") });
    },
    apply(fix) {
      const { doc } = view.state;
      const changes: ChangeSpec[] = fix.edits.map((edit) => {
        const from = offsetOf(doc, edit.range.start);
        return { from, to: Math.max(from, offsetOf(doc, edit.range.end)), insert: view.state.toText(edit.text) };
      });
      const first = fix.edits[0];
      view.dispatch({
        changes,
        effects: first ? EditorView.scrollIntoView(offsetOf(doc, first.range.start), { y: "nearest", yMargin: 60 }) : [],
        annotations: isolateHistory.of("full"),
        userEvent: "input.fix",
      });
    },
    select(range) {
      const { doc } = view.state;
      const from = offsetOf(doc, range.start);
      const to = Math.min(Math.max(from, offsetOf(doc, range.end)), doc.lineAt(from).to);
      view.dispatch({
        selection: { anchor: from, head: to },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      view.focus();
    },
  };
}
