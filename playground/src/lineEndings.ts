// The line endings of a file in the editor. CodeMirror normalizes them; this extension stores them, so that a download has
// the same line endings as the file, even if they are mixed.

import { invertedEffects } from "@codemirror/commands";
import {
  type EditorState,
  type Extension,
  MapMode,
  RangeSet,
  RangeSetBuilder,
  RangeValue,
  StateEffect,
  StateField,
} from "@codemirror/state";

/** A line ending that differs from the file's default. It moves with its line break and is deleted with it. */
class DifferentEnding extends RangeValue {
  override mapMode = MapMode.TrackDel;
  override startSide = 1;
  override endSide = -1;
  constructor(readonly ending: string) {
    super();
  }
  override eq(other: RangeValue): boolean {
    return other instanceof DifferentEnding && other.ending === this.ending;
  }
}

export interface LineEndings {
  /** The most frequent line ending, which new lines get. */
  standard: string;
  different: RangeSet<DifferentEnding>;
}

/** Replaces the line endings, for the text after the change. */
export const setLineEndings = StateEffect.define<LineEndings & { length?: number }>({
  // The history joins changes, and maps the effects of the later one to the text before both. It also maps effects by changes of
  // other texts, which are left out by their length.
  map: (value, changes) =>
    value.length === changes.length ? { ...value, different: value.different.map(changes), length: changes.newLength } : value,
});

const field = StateField.define<LineEndings>({
  create: () => ({ standard: "\n", different: RangeSet.empty }),
  update(value, transaction) {
    // The last one: an undo step of several changes begins with the inverse of its newest one.
    const set = transaction.effects.findLast((effect) => effect.is(setLineEndings));
    if (set) return set.value as LineEndings;
    if (!transaction.docChanged || value.different === RangeSet.empty) return value;
    return { ...value, different: value.different.map(transaction.changes) };
  },
});

/** Undo restores the line endings of a text that was replaced, and of line breaks that were deleted. */
const inverse = invertedEffects.of(({ startState, changes, effects }) => {
  const before = startState.field(field);
  const isReplaced = effects.some((effect) => effect.is(setLineEndings));
  return isReplaced || (before.different.size > 0 && before.different.map(changes).size < before.different.size) ? [setLineEndings.of({ ...before, length: startState.doc.length })] : [];
});

/** The extension that stores line endings, beginning with those of `text`. */
export const lineEndingsOf = (text: string): Extension => [field.init(() => parseLineEndings(text)), inverse];

/** The line endings of a text. */
export function parseLineEndings(text: string): LineEndings {
  const endings = text.match(/\r\n|\r|\n/g) ?? [];
  const count = { "\n": 0, "\r\n": 0, "\r": 0 };
  for (const ending of endings) count[ending as keyof typeof count] += 1;
  const standard = (Object.keys(count) as (keyof typeof count)[]).reduce((a, b) => (count[b] > count[a] ? b : a));
  if (count[standard] === endings.length) return { standard, different: RangeSet.empty };
  const different = new RangeSetBuilder<DifferentEnding>();
  // Offsets of the editor, in which each line ending has the length 1.
  let removed = 0;
  for (const match of text.matchAll(/\r\n|\r|\n/g)) {
    const from = match.index - removed;
    if (match[0] !== standard) different.add(from, from + 1, new DifferentEnding(match[0]));
    removed += match[0].length - 1;
  }
  return { standard, different: different.finish() };
}

/** The text of the editor with its original line endings. */
export function fullText(state: EditorState): string {
  const { standard, different } = state.field(field);
  const { doc } = state;
  if (different.size === 0) return doc.sliceString(0, doc.length, standard);
  let text = "";
  let at = 0;
  for (const cursor = different.iter(); cursor.value; cursor.next()) {
    text += doc.sliceString(at, cursor.from, standard) + cursor.value.ending;
    at = cursor.to;
  }
  return text + doc.sliceString(at, doc.length, standard);
}
