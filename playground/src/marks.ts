// The marks in the editor: underlines and gutter signs for findings and for what is wrong with the text
// itself, and their explanations, by pointer and by keyboard.

import { type EditorState, type Extension, Prec, type Range as Marked, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, gutter, GutterMarker, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view";
import type { Range, Report } from "../core/pkg/core.js";
import { placeIn } from "./editor.ts";
import { type Grave, graveOf, type Item, itemsOf, SEVERITIES } from "./items.ts";
import { h, icon } from "./ui.ts";

/** What is marked in one place; all that is found there together. */
interface Group {
  severity: Grave;
  items: Item[];
  /** The documents that the items are of. */
  documents: Set<number>;
}

interface Marks {
  /** New marks, for the text as it is now. */
  report: Report;
  /** Documents whose marks stay, for their text cannot be judged now. */
  keep: Set<number>;
}

const setMarks = StateEffect.define<Marks>();
const explain = StateEffect.define<number | null>();

const groupOf = (decoration: Decoration): Group => decoration.spec.group as Group;

/** The part of a range that is underlined: no more than its first line, and something of it. */
function underlined(doc: Text, range: Range): { from: number; to: number } | null {
  const line = doc.lineAt(placeIn(doc, range.start));
  let from = placeIn(doc, range.start);
  let to = Math.min(placeIn(doc, range.end), line.to);
  if (to <= from) {
    // Nothing to underline here, as at the end of a line: the whole line then, without its indentation.
    const indent = /^\s*/.exec(line.text)?.[0].length ?? 0;
    from = line.from + indent;
    to = line.to;
  }
  return to > from ? { from, to } : null;
}

function build(state: EditorState, marks: Marks, old: DecorationSet): DecorationSet {
  const { doc } = state;
  const groups = new Map<string, Group & { from: number; to: number }>();
  for (const item of itemsOf(marks.report)) {
    // An empty line cannot be underlined; the gutter needs a place, which is the last text before it.
    let place = underlined(doc, item.range);
    for (let line = Math.min(item.range.start.line, doc.lines); !place && line > 1; line -= 1) {
      const before = doc.line(line - 1);
      if (before.text.trim()) place = { from: before.from + before.text.search(/\S/), to: before.to };
    }
    if (!place) continue;
    const key = `${place.from}-${place.to}`;
    const group = groups.get(key) ?? { ...place, severity: item.severity, items: [], documents: new Set() };
    group.items.push(item);
    group.documents.add(item.document);
    group.severity = graveOf(group.severity, item.severity);
    groups.set(key, group);
  }
  const ranges: Marked<Decoration>[] = [...groups.values()].map((group) =>
    Decoration.mark({ class: `mark mark-${group.severity}`, group: group as Group }).range(group.from, group.to),
  );
  for (const cursor = old.iter(); cursor.value; cursor.next()) {
    const kept = [...groupOf(cursor.value).documents].some((document) => marks.keep.has(document));
    if (kept && !groups.has(`${cursor.from}-${cursor.to}`)) ranges.push(cursor.value.range(cursor.from, cursor.to));
  }
  return Decoration.set(ranges, true);
}

const underlines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) next = build(transaction.state, effect.value, next);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** All groups that touch a stretch, in the order of the text. */
function groupsAt(state: EditorState, from: number, to: number): { from: number; to: number; group: Group }[] {
  const found: { from: number; to: number; group: Group }[] = [];
  state.field(underlines).between(from, to, (start, end, decoration) => {
    found.push({ from: start, to: end, group: groupOf(decoration) });
  });
  return found.sort((a, b) => a.from - b.from || b.to - a.to);
}

class Sign extends GutterMarker {
  constructor(readonly severity: Grave, readonly count: number) {
    super();
  }
  override eq(other: GutterMarker): boolean {
    return other instanceof Sign && other.severity === this.severity && other.count === this.count;
  }
  override toDOM(): Node {
    const words = `${this.count} ${SEVERITIES[this.severity].word.toLowerCase()}${this.count === 1 ? "" : "s"}`;
    return h("span", { class: `sign sign-${this.severity}`, title: words }, icon(this.severity));
  }
}

const signs = gutter({
  class: "cm-signs",
  lineMarker(view, block) {
    const line = view.state.doc.lineAt(block.from);
    let severity: Grave = "info";
    let count = 0;
    for (const { from, group } of groupsAt(view.state, line.from, line.to)) {
      if (from < line.from) continue;
      severity = count ? graveOf(severity, group.severity) : group.severity;
      count += group.items.length;
    }
    return count ? new Sign(severity, count) : null;
  },
  lineMarkerChange: (update) => update.startState.field(underlines) !== update.state.field(underlines),
  initialSpacer: () => new Sign("info", 0),
  domEventHandlers: {
    mousedown(view, block) {
      const line = view.state.doc.lineAt(block.from);
      if (!groupsAt(view.state, line.from, line.to).length) return false;
      view.dispatch({ effects: explain.of(line.from), selection: { anchor: line.from } });
      view.focus();
      return true;
    },
  },
});

/** What the marks need of the page. */
export interface MarksHost {
  /** The explanation of an item, with its fix if it has one. */
  render(item: Item): HTMLElement;
  /** Says to readers of a screen what was just shown. */
  say(text: string): void;
}

export function createMarks(host: MarksHost): Extension {
  function tooltip(groups: { from: number; to: number; group: Group }[], pos: number, end?: number): Tooltip {
    return {
      pos,
      end,
      above: false,
      arrow: false,
      create: () => ({
        dom: h(
          "div",
          { class: "explanation", role: "group", "aria-label": "Findings here" },
          groups.flatMap(({ group }) => group.items.map((item) => host.render(item))),
        ),
      }),
    };
  }

  const hover = hoverTooltip(
    (view, pos) => {
      const groups = groupsAt(view.state, pos, pos);
      const first = groups[0];
      if (!first || view.state.field(explained)) return null;
      return tooltip(groups, first.from, Math.max(...groups.map((group) => group.to)));
    },
    { hideOnChange: true, hoverTime: 200 },
  );

  // The explanation that a key or the gutter opened; it goes with the next change or movement.
  const explained = StateField.define<Tooltip | null>({
    create: () => null,
    update(value, transaction) {
      for (const effect of transaction.effects) {
        if (!effect.is(explain)) continue;
        if (effect.value === null) return null;
        const line = transaction.state.doc.lineAt(effect.value);
        const groups = groupsAt(transaction.state, line.from, line.to).filter(({ from }) => from >= line.from);
        return groups[0] ? tooltip(groups, groups[0].from) : null;
      }
      return transaction.docChanged || transaction.selection ? null : value;
    },
    provide: (field) => showTooltip.from(field),
  });

  function speak(state: EditorState, position: number): void {
    const line = state.doc.lineAt(position);
    const items = groupsAt(state, line.from, line.to).flatMap(({ group }) => group.items);
    host.say(
      items.length
        ? `Line ${line.number}: ${items.map((item) => `${SEVERITIES[item.severity].word}: ${item.title}`).join(" ")}`
        : `Nothing is marked in line ${line.number}.`,
    );
  }

  function explainHere(view: EditorView): boolean {
    const { head } = view.state.selection.main;
    view.dispatch({ effects: explain.of(head) });
    speak(view.state, head);
    return true;
  }

  function go(view: EditorView, forward: boolean): boolean {
    const all = groupsAt(view.state, 0, view.state.doc.length);
    const { from } = view.state.selection.main;
    const target = forward
      ? (all.find((mark) => mark.from > from) ?? all[0])
      : (all.findLast((mark) => mark.from < from) ?? all.at(-1));
    if (!target) {
      host.say("Nothing is marked.");
      return true;
    }
    view.dispatch({
      selection: { anchor: target.from, head: target.to },
      effects: [EditorView.scrollIntoView(target.from, { y: "center" }), explain.of(target.from)],
    });
    speak(view.state, target.from);
    return true;
  }

  return [
    underlines,
    explained,
    hover,
    signs,
    Prec.high(
      keymap.of([
        { key: "F8", run: (view) => go(view, true), shift: (view) => go(view, false) },
        { key: "Mod-.", run: explainHere },
        {
          key: "Escape",
          run(view) {
            if (!view.state.field(explained)) return false;
            view.dispatch({ effects: explain.of(null) });
            return true;
          },
        },
      ]),
    ),
  ];
}

/** Marks what a report says of the text that is in the editor. */
export function showMarks(view: EditorView, report: Report, keep: Set<number>): void {
  view.dispatch({ effects: setMarks.of({ report, keep }) });
}
