// Input events that replace a selection or delete a line break. By default Chromium keeps the format of the deleted text
// in style attributes, which the page's Content-Security-Policy does not allow.

import { EditorSelection, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** Android keyboards edit the text themselves, and lose their position if the event is handled. */
const ANDROID = /Android/.test(navigator.userAgent);

export const inputEvents: Extension = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data } = event;
    if (ANDROID || event.isComposing || view.composing) return false;
    const { state } = view;
    if (inputType === "insertText" && data !== null && state.selection.ranges.some((range) => !range.empty)) {
      view.dispatch(state.replaceSelection(data), { scrollIntoView: true, userEvent: "input.type" });
    } else if (inputType === "deleteContentBackward" || inputType === "deleteContentForward") {
      const forward = inputType === "deleteContentForward";
      const change = state.changeByRange((range) => {
        const end = range.empty ? view.moveByChar(range, forward).head : range.anchor;
        const [from, to] = [Math.min(range.head, end), Math.max(range.head, end)];
        return { changes: { from, to }, range: EditorSelection.cursor(from) };
      });
      view.dispatch(change, { scrollIntoView: true, userEvent: forward ? "delete.forward" : "delete.backward" });
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  },
});
