// The editor: CodeMirror with YAML highlighting, key bindings, and the core's line and column positions.

import "./styleSheets.ts";
import { history } from "@codemirror/commands";
import { type ChangeSpec, EditorState, type Extension, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, lineNumbers } from "@codemirror/view";
import type { Fix, Range } from "../core/pkg/core.js";
import { keys } from "./keys.ts";
import { fullText, lineEndingsOf, parseLineEndings, setLineEndings } from "./lineEndings.ts";
import { yamlHighlighting } from "./yaml.ts";

export interface Editor {
  readonly view: EditorView;
  /** The text with its original line endings. */
  text(): string;
  /** Replaces the whole text, in one undo step. */
  setText(text: string): void;
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

export function createEditor(host: HTMLElement, text: string, hintId: string, onChange: () => void, extensions: Extension): Editor {
  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineEndingsOf(text),
        extensions,
        lineNumbers(),
        highlightSpecialChars(),
        history(),
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
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange();
        }),
      ],
    }),
  });

  return {
    view,
    text: () => fullText(view.state),
    setText(text) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(text) },
        effects: [setLineEndings.of(parseLineEndings(text)), EditorView.scrollIntoView(0)],
        selection: { anchor: 0 },
        userEvent: "input.replace",
      });
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
