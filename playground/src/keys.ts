// The key bindings of the editor. CodeMirror's commands that need a parser are left out or replaced by simpler ones.

import {
  cursorCharLeft,
  cursorCharRight,
  cursorDocEnd,
  cursorDocStart,
  cursorGroupLeft,
  cursorGroupRight,
  cursorLineBoundaryBackward,
  cursorLineBoundaryForward,
  cursorLineBoundaryLeft,
  cursorLineBoundaryRight,
  cursorLineDown,
  cursorLineUp,
  cursorPageDown,
  cursorPageUp,
  deleteGroupBackward,
  deleteGroupForward,
  deleteLine,
  moveLineDown,
  moveLineUp,
  selectAll,
  selectCharLeft,
  selectCharRight,
  selectDocEnd,
  selectDocStart,
  selectGroupLeft,
  selectGroupRight,
  selectLineBoundaryBackward,
  selectLineBoundaryForward,
  selectLineBoundaryLeft,
  selectLineBoundaryRight,
  selectLineDown,
  selectLineUp,
  selectPageDown,
  selectPageUp,
  toggleLineComment,
  toggleTabFocusMode,
} from "@codemirror/commands";
import { type ChangeSpec, EditorSelection, EditorState, type Extension } from "@codemirror/state";
import { type Command, type EditorView, type KeyBinding, keymap } from "@codemirror/view";
import { inputEvents } from "./inputEvents.ts";

const INDENT = "  ";

/** Inserts a line with the indentation of the last one, and one level more after a key without a value. */
const newLine: Command = (view) => {
  const change = view.state.changeByRange((range) => {
    const line = view.state.doc.lineAt(range.from);
    const before = line.text.slice(0, range.from - line.from);
    let indent = /^\s*/.exec(before)?.[0] ?? "";
    if (/:\s*(#.*)?$/.test(before) && before.trim()) indent += /^\s*- /.test(before) ? INDENT + INDENT : INDENT;
    else if (/^\s*- +\S/.test(before) && /:\s/.test(before)) indent += INDENT;
    // The text after the cursor moves to the new line without its leading spaces.
    const after = /^[ \t]*/.exec(view.state.doc.lineAt(range.to).text.slice(range.to - view.state.doc.lineAt(range.to).from));
    const to = range.to + (after?.[0].length ?? 0);
    return {
      changes: { from: range.from, to, insert: view.state.toText(`\n${indent}`) },
      range: EditorSelection.cursor(range.from + 1 + indent.length),
    };
  });
  view.dispatch(view.state.update(change, { scrollIntoView: true, userEvent: "input" }));
  return true;
};

/** Changes each line of the selection. */
function eachLine(view: EditorView, change: (from: number, text: string) => ChangeSpec | null, userEvent: string): boolean {
  const { state } = view;
  const changes: ChangeSpec[] = [];
  let done = -1;
  for (const { from, to } of state.selection.ranges) {
    for (let at = from; at <= to; ) {
      const line = state.doc.lineAt(at);
      // A selection that ends at the start of a line does not include this line.
      if (line.number > done && (line.from < to || from === to)) {
        const own = change(line.from, line.text);
        if (own) changes.push(own);
        done = line.number;
      }
      at = line.to + 1;
    }
  }
  view.dispatch({ changes, userEvent });
  return true;
}

const indent: Command = (view) => {
  const { state } = view;
  if (state.selection.ranges.some((range) => !range.empty)) {
    return eachLine(view, (from, text) => (text ? { from, insert: INDENT } : null), "input.indent");
  }
  view.dispatch(
    state.changeByRange((range) => {
      const column = range.from - state.doc.lineAt(range.from).from;
      const insert = INDENT.slice(column % INDENT.length);
      return { changes: { from: range.from, insert }, range: EditorSelection.cursor(range.from + insert.length) };
    }),
    { scrollIntoView: true, userEvent: "input.indent" },
  );
  return true;
};

const outdent: Command = (view) =>
  eachLine(
    view,
    (from, text) => {
      const spaces = /^( {1,2}|\t)/.exec(text)?.[0].length;
      return spaces ? { from, to: from + spaces } : null;
    },
    "delete.dedent",
  );

/** Deletes one level of the indentation; elsewhere the browser handles the key. */
const backspace: Command = (view) => {
  const { main, ranges } = view.state.selection;
  const line = view.state.doc.lineAt(main.head);
  const before = line.text.slice(0, main.head - line.from);
  if (ranges.length > 1 || !main.empty || before.length < 2 || /[^ ]/.test(before)) return false;
  const from = main.head - (before.length % INDENT.length || INDENT.length);
  view.dispatch({ changes: { from, to: main.head }, userEvent: "delete.backward", scrollIntoView: true });
  return true;
};

const bindings: KeyBinding[] = [
  { key: "ArrowLeft", run: cursorCharLeft, shift: selectCharLeft, preventDefault: true },
  { key: "ArrowRight", run: cursorCharRight, shift: selectCharRight, preventDefault: true },
  { key: "ArrowUp", run: cursorLineUp, shift: selectLineUp, preventDefault: true },
  { key: "ArrowDown", run: cursorLineDown, shift: selectLineDown, preventDefault: true },
  { key: "Mod-ArrowLeft", mac: "Alt-ArrowLeft", run: cursorGroupLeft, shift: selectGroupLeft, preventDefault: true },
  { key: "Mod-ArrowRight", mac: "Alt-ArrowRight", run: cursorGroupRight, shift: selectGroupRight, preventDefault: true },
  { mac: "Cmd-ArrowLeft", run: cursorLineBoundaryLeft, shift: selectLineBoundaryLeft, preventDefault: true },
  { mac: "Cmd-ArrowRight", run: cursorLineBoundaryRight, shift: selectLineBoundaryRight, preventDefault: true },
  { mac: "Cmd-ArrowUp", run: cursorDocStart, shift: selectDocStart },
  { mac: "Cmd-ArrowDown", run: cursorDocEnd, shift: selectDocEnd },
  { key: "PageUp", run: cursorPageUp, shift: selectPageUp },
  { key: "PageDown", run: cursorPageDown, shift: selectPageDown },
  { key: "Home", run: cursorLineBoundaryBackward, shift: selectLineBoundaryBackward, preventDefault: true },
  { key: "End", run: cursorLineBoundaryForward, shift: selectLineBoundaryForward, preventDefault: true },
  { key: "Mod-Home", run: cursorDocStart, shift: selectDocStart },
  { key: "Mod-End", run: cursorDocEnd, shift: selectDocEnd },
  { key: "Mod-a", run: selectAll },
  { key: "Mod-Backspace", mac: "Alt-Backspace", run: deleteGroupBackward, preventDefault: true },
  { key: "Mod-Delete", mac: "Alt-Delete", run: deleteGroupForward, preventDefault: true },
  { key: "Backspace", run: backspace },
  { key: "Enter", run: newLine, shift: newLine },
  { key: "Tab", run: indent, shift: outdent },
  { key: "Alt-ArrowUp", run: moveLineUp },
  { key: "Alt-ArrowDown", run: moveLineDown },
  { key: "Shift-Mod-k", run: deleteLine },
  { key: "Mod-/", run: toggleLineComment },
  { key: "Ctrl-m", mac: "Shift-Alt-m", run: toggleTabFocusMode },
];

export const keys: Extension = [
  keymap.of(bindings),
  inputEvents,
  EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]),
];
