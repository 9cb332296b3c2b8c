// The editor: CodeMirror with YAML's colours, its keys, and places counted as the core counts them.

import "./styleSheets.ts";
import { history } from "@codemirror/commands";
import { type ChangeSpec, EditorState, type Extension, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, lineNumbers } from "@codemirror/view";
import type { Fix, Range } from "../core/pkg/core.js";
import { keys } from "./keys.ts";
import { fullText, lineEndsOf, readLineEnds, setLineEnds } from "./lineEnds.ts";
import { yamlColours } from "./yaml.ts";

export interface Editor {
  readonly view: EditorView;
  /** The text with its own line ends. */
  text(): string;
  /** Replaces the whole text, as one step that can be undone. */
  setText(text: string): void;
  /** Makes the changes of a fix, as one step that can be undone. */
  apply(fix: Fix): void;
  /** Scrolls to a stretch, selects it and takes the focus. */
  select(range: Range): void;
}

/** A place of the core as one of the editor; the nearest that there is, should the text have changed. */
export function placeIn(doc: Text, position: { line: number; column: number }): number {
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
        lineEndsOf(text),
        extensions,
        lineNumbers(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        yamlColours,
        // CodeMirror lets Tab out of the editor after Escape; the hint below it says so.
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
        effects: [setLineEnds.of(readLineEnds(text)), EditorView.scrollIntoView(0)],
        selection: { anchor: 0 },
        userEvent: "input.replace",
      });
    },
    apply(fix) {
      const { doc } = view.state;
      const changes: ChangeSpec[] = fix.edits.map((edit) => {
        const from = placeIn(doc, edit.range.start);
        return { from, to: Math.max(from, placeIn(doc, edit.range.end)), insert: view.state.toText(edit.text) };
      });
      const first = fix.edits[0];
      view.dispatch({
        changes,
        effects: first ? EditorView.scrollIntoView(placeIn(doc, first.range.start), { y: "nearest", yMargin: 60 }) : [],
        userEvent: "input.fix",
      });
    },
    select(range) {
      const { doc } = view.state;
      const from = placeIn(doc, range.start);
      const to = Math.min(Math.max(from, placeIn(doc, range.end)), doc.lineAt(from).to);
      view.dispatch({
        selection: { anchor: from, head: to },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      view.focus();
    },
  };
}
