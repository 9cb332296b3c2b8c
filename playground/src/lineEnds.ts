// The line ends of a file in the editor. CodeMirror knows lines, not what ends them; this remembers it, so
// that a file comes out with the ends that it came in with, even where it mixes them.

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

/** An end that is not the usual one of its file. It goes where its line break goes, and with it. */
class OddEnd extends RangeValue {
  override mapMode = MapMode.TrackDel;
  override startSide = 1;
  override endSide = -1;
  constructor(readonly end: string) {
    super();
  }
  override eq(other: RangeValue): boolean {
    return other instanceof OddEnd && other.end === this.end;
  }
}

export interface LineEnds {
  /** What most lines end with, and every line that is new. */
  usual: string;
  odd: RangeSet<OddEnd>;
}

/** Replaces what is remembered, beside a change of the whole text. */
export const setLineEnds = StateEffect.define<LineEnds>();

const field = StateField.define<LineEnds>({
  create: () => ({ usual: "\n", odd: RangeSet.empty }),
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setLineEnds)) return effect.value;
    if (!transaction.docChanged || value.odd === RangeSet.empty) return value;
    return { ...value, odd: value.odd.map(transaction.changes) };
  },
});

/** Undoing a change of the whole text brings its line ends back too. */
const undone = invertedEffects.of((transaction) =>
  transaction.effects.some((effect) => effect.is(setLineEnds))
    ? [setLineEnds.of(transaction.startState.field(field))]
    : [],
);

/** Remembers line ends, at first those of the text that the editor begins with. */
export const lineEndsOf = (text: string): Extension => [field.init(() => readLineEnds(text)), undone];

/** The line ends of a text. */
export function readLineEnds(text: string): LineEnds {
  const ends = text.match(/\r\n|\r|\n/g) ?? [];
  const count = { "\n": 0, "\r\n": 0, "\r": 0 };
  for (const end of ends) count[end as keyof typeof count] += 1;
  const usual = (Object.keys(count) as (keyof typeof count)[]).reduce((a, b) => (count[b] > count[a] ? b : a));
  if (count[usual] === ends.length) return { usual, odd: RangeSet.empty };
  const odd = new RangeSetBuilder<OddEnd>();
  // Positions are those of the editor, where every end counts as one.
  let lost = 0;
  for (const match of text.matchAll(/\r\n|\r|\n/g)) {
    const from = match.index - lost;
    if (match[0] !== usual) odd.add(from, from + 1, new OddEnd(match[0]));
    lost += match[0].length - 1;
  }
  return { usual, odd: odd.finish() };
}

/** The text of the editor with its own line ends. */
export function fullText(state: EditorState): string {
  const { usual, odd } = state.field(field);
  const { doc } = state;
  if (odd.size === 0) return doc.sliceString(0, doc.length, usual);
  let text = "";
  let at = 0;
  for (const cursor = odd.iter(); cursor.value; cursor.next()) {
    text += doc.sliceString(at, cursor.from, usual) + cursor.value.end;
    at = cursor.to;
  }
  return text + doc.sliceString(at, doc.length, usual);
}
