// Folding in the editor: blocks by their indentation, and whole documents. An edit or a selection inside a folded block unfolds it.

import { type EditorState, type Extension, StateEffect, StateField, type Text } from "@codemirror/state";
import { type Command, Decoration, type DecorationSet, EditorView, gutter, GutterMarker, keymap, WidgetType } from "@codemirror/view";
import { h } from "./ui.ts";

interface FoldRange {
  from: number;
  to: number;
}

const fold = StateEffect.define<FoldRange>({ map: ({ from, to }, changes) => ({ from: changes.mapPos(from, 1), to: changes.mapPos(to, -1) }) });
const unfold = StateEffect.define<FoldRange>({ map: ({ from, to }, changes) => ({ from: changes.mapPos(from, 1), to: changes.mapPos(to, -1) }) });

const MARKER = /^---(\s|$)/;
/** Whether a line is empty or only a comment. */
const isBlank = (text: string): boolean => /^\s*(#|$)/.test(text);
const indentOf = (text: string): number => text.search(/\S/);

/**
 * The block that a line begins, to the end of its last line with content; null if there is none. Lines are counted from 1. A marker
 * begins its document, and so does the first line of a `whole` one. With `probe` it ends with the first line of the block, which is
 * faster.
 */
export function foldRange(doc: Text, number: number, whole = false, probe = false): FoldRange | null {
  const line = doc.line(number);
  const isMarker = whole || MARKER.test(line.text);
  if ((isBlank(line.text) && !isMarker) || number === doc.lines) return null;
  const indent = indentOf(line.text);
  // The elements of a list can have the indentation of their key.
  const hasList = /:\s*(#.*)?$/.test(line.text) && !/^\s*- /.test(line.text);
  let end = 0;
  let next = number + 1;
  for (const lines = doc.iterLines(next); !lines.next().done; next += 1) {
    const { value } = lines;
    if (MARKER.test(value)) break;
    if (isBlank(value)) continue;
    const own = indentOf(value);
    const isElement = /^\s*-(\s|$)/.test(value);
    if (!isMarker && own <= indent && !(hasList && own === indent && isElement)) break;
    end = next;
    if (probe) break;
  }
  return end ? { from: line.to, to: doc.line(end).to } : null;
}

class Placeholder extends WidgetType {
  constructor(readonly lines: number) {
    super();
  }
  override eq(other: Placeholder): boolean {
    return other.lines === this.lines;
  }
  override toDOM(view: EditorView): HTMLElement {
    const label = `${this.lines} folded ${this.lines === 1 ? "line" : "lines"}`;
    const element = h("span", { class: "fold-placeholder", role: "img", "aria-label": label, title: `${label}: click to unfold` }, "\u2026");
    element.addEventListener("click", () => {
      const at = view.posAtDOM(element);
      view.dispatch({ effects: foldsAt(view.state, at, at).map((range) => unfold.of(range)) });
    });
    return element;
  }
  override ignoreEvent(): boolean {
    return false;
  }
}

const folds = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value;
    if (transaction.docChanged) {
      // An edit inside unfolds.
      const changed: FoldRange[] = [];
      transaction.changes.iterChangedRanges((from, to) => changed.push({ from, to }));
      next = next
        .update({ filter: (from, to) => !changed.some((own) => own.from < to && own.to > from) })
        .map(transaction.changes);
    }
    for (const effect of transaction.effects) {
      const { doc } = transaction.state;
      if (effect.is(fold)) {
        const { from, to } = effect.value;
        if (to <= from) continue;
        const widget = new Placeholder(doc.lineAt(to).number - doc.lineAt(from).number);
        next = next.update({ add: [Decoration.replace({ widget }).range(from, to)] });
      } else if (effect.is(unfold)) {
        next = next.update({ filter: (from, to) => from !== effect.value.from || to !== effect.value.to });
      }
    }
    if (next.size && (transaction.selection || transaction.docChanged)) {
      for (const { anchor, head } of transaction.state.selection.ranges) {
        next = next.update({ filter: (from, to) => !((head > from && head < to) || (anchor > from && anchor < to)) });
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The folded ranges that touch a range. */
function foldsAt(state: EditorState, from: number, to: number): FoldRange[] {
  const found: FoldRange[] = [];
  state.field(folds).between(from, to, (start, end) => void found.push({ from: start, to: end }));
  return found;
}

/** The fold of a line, which begins at its end. */
const foldOfLine = (state: EditorState, lineEnd: number): FoldRange | undefined => foldsAt(state, lineEnd, lineEnd).find(({ from }) => from === lineEnd);

/** Whether a range contains a cursor, except at its ends. */
const containsCursor = (state: EditorState, { from, to }: FoldRange): boolean =>
  state.selection.ranges.some(({ anchor, head }) => (head > from && head <= to) || (anchor > from && anchor <= to));

/** Folds a range; a cursor inside moves to its start. */
function foldIn(view: EditorView, ranges: readonly FoldRange[]): void {
  const { state } = view;
  const inside = ranges.find((range) => containsCursor(state, range));
  view.dispatch({
    effects: ranges.filter(({ from }) => !foldOfLine(state, from)).map((range) => fold.of(range)),
    selection: inside ? { anchor: inside.from } : undefined,
    scrollIntoView: inside !== undefined,
  });
}

class FoldMarker extends GutterMarker {
  constructor(readonly folded: boolean) {
    super();
  }
  override eq(other: GutterMarker): boolean {
    return other instanceof FoldMarker && other.folded === this.folded;
  }
  override toDOM(): Node {
    return h("span", { class: "fold-marker", title: this.folded ? "Unfold" : "Fold" }, this.folded ? "\u203a" : "\u2304");
  }
}

const OPEN = new FoldMarker(false);
const FOLDED = new FoldMarker(true);

/** The extension; `announce` is called with the results of the keys, for screen readers. */
export function folding(announce: (message: string) => void): Extension {
  const lineCount = ({ doc }: EditorState, { from, to }: FoldRange): string => {
    const count = doc.lineAt(to).number - doc.lineAt(from).number;
    return `${count} ${count === 1 ? "line" : "lines"}`;
  };

  /** Folds the block of the line, else the innermost one around it. */
  const foldBlock: Command = (view) => {
    const { doc, selection } = view.state;
    const { number, to: end } = doc.lineAt(selection.main.head);
    for (let at = number; at >= 1; at -= 1) {
      const range = foldRange(doc, at);
      if (!range || (at !== number && range.to < end) || foldOfLine(view.state, range.from)) continue;
      foldIn(view, [range]);
      announce(`Folded ${lineCount(view.state, range)} below line ${at}.`);
      return true;
    }
    announce("There is nothing to fold here.");
    return true;
  };

  const unfoldBlock: Command = (view) => {
    const line = view.state.doc.lineAt(view.state.selection.main.head);
    const ranges = foldsAt(view.state, line.from, line.to);
    view.dispatch({ effects: ranges.map((range) => unfold.of(range)) });
    announce(ranges[0] ? `Unfolded ${lineCount(view.state, ranges[0])}.` : "Nothing is folded here.");
    return true;
  };

  /** Folds all documents, or the blocks of the first level if there is one document. */
  const foldAll: Command = (view) => {
    const { doc } = view.state;
    const documents: number[] = [];
    const blocks: number[] = [];
    let number = 1;
    for (const lines = doc.iterLines(); !lines.next().done; number += 1) {
      const { value } = lines;
      // The first document can have no marker.
      if (MARKER.test(value) || (!documents.length && !isBlank(value))) documents.push(number);
      else if (/^[^\s#-]/.test(value)) blocks.push(number);
    }
    const several = documents.length > 1;
    const ranges = (several ? documents : [...documents.slice(0, 1), ...blocks]).flatMap((at) => foldRange(doc, at, several) ?? []);
    foldIn(view, ranges);
    announce(`Folded ${ranges.length} ${several ? "documents" : "blocks"}.`);
    return true;
  };

  const unfoldAll: Command = (view) => {
    const ranges = foldsAt(view.state, 0, view.state.doc.length);
    view.dispatch({ effects: ranges.map((range) => unfold.of(range)) });
    announce(`Unfolded ${ranges.length} ${ranges.length === 1 ? "block" : "blocks"}.`);
    return true;
  };

  return [
    folds,
    gutter({
      class: "cm-gutter-folds",
      lineMarker(view, block) {
        const line = view.state.doc.lineAt(block.from);
        if (foldOfLine(view.state, line.to)) return FOLDED;
        return foldRange(view.state.doc, line.number, false, true) && OPEN;
      },
      lineMarkerChange: (update) => update.startState.field(folds) !== update.state.field(folds),
      initialSpacer: () => OPEN,
      domEventHandlers: {
        click(view, block) {
          const line = view.state.doc.lineAt(block.from);
          const folded = foldOfLine(view.state, line.to);
          if (folded) view.dispatch({ effects: unfold.of(folded) });
          const range = folded ? null : foldRange(view.state.doc, line.number);
          if (range) foldIn(view, [range]);
          return Boolean(folded ?? range);
        },
      },
    }),
    keymap.of([
      { key: "Ctrl-Shift-[", mac: "Cmd-Alt-[", run: foldBlock, preventDefault: true },
      { key: "Ctrl-Shift-]", mac: "Cmd-Alt-]", run: unfoldBlock, preventDefault: true },
      { key: "Ctrl-Alt-[", run: foldAll, preventDefault: true },
      { key: "Ctrl-Alt-]", run: unfoldAll, preventDefault: true },
    ]),
  ];
}
