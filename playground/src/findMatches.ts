// The matches of the find panel in the editor: in the whole text, and marked in its visible part.

import { type Extension, RangeSetBuilder, StateEffect, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

/** Sets what the find panel searches for, in the visible editor; null for nothing. */
export const setQuery = StateEffect.define<RegExp | null>();

let query: RegExp | null = null;
/** The start and end offsets of all matches, one after the other, in the document that was searched last. */
let cached: { doc: Text; query: RegExp; offsets: number[] } | null = null;

/** The start and end offsets of all matches in a document. */
export function matchesIn(doc: Text): readonly number[] {
  if (!query) return [];
  if (cached?.doc === doc && cached.query === query) return cached.offsets;
  const offsets: number[] = [];
  for (const match of doc.toString().matchAll(query)) offsets.push(match.index, match.index + match[0].length);
  cached = { doc, query, offsets };
  return offsets;
}

/** The index of the first match that begins at an offset or after it. */
export function firstMatchFrom(offsets: readonly number[], from: number): number {
  let [low, high] = [0, offsets.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[2 * middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

const MATCH = Decoration.mark({ class: "find-match" });

function marksOf({ state, visibleRanges }: EditorView): DecorationSet {
  const offsets = matchesIn(state.doc);
  if (!offsets.length) return Decoration.none;
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of visibleRanges) {
    for (let at = firstMatchFrom(offsets, from); (offsets[2 * at] ?? Infinity) < to; at += 1) {
      builder.add(offsets[2 * at] ?? 0, offsets[2 * at + 1] ?? 0, MATCH);
    }
  }
  return builder.finish();
}

export const findMatches: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marksOf(view);
    }
    update(update: ViewUpdate): void {
      let changed = update.docChanged || update.viewportChanged;
      for (const transaction of update.transactions) {
        for (const effect of transaction.effects) {
          if (!effect.is(setQuery)) continue;
          query = effect.value;
          changed = true;
        }
      }
      if (changed) this.decorations = marksOf(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
