// The marks in the editor: underlines and gutter icons for findings and diagnostics, and their explanations, by pointer and
// by keyboard.

import { type EditorState, type Extension, Prec, type Range as EditorRange, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, gutter, GutterMarker, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view";
import type { Range, Report } from "./app.ts";
import { offsetOf } from "./editor.ts";
import { type Item, itemsOf, maxSeverity, type Severity, SEVERITIES } from "./items.ts";
import { h, icon } from "./ui.ts";

/** The items with the same underline. */
interface Group {
  severity: Severity;
  items: Item[];
  /** The indexes of the items' documents. */
  documents: Set<number>;
}

interface Marks {
  /** A report of the current text. */
  report: Report;
  /** The index of the file in the editor. */
  file: number;
  /** Indexes of documents that keep their marks, because their text cannot be evaluated. */
  keep: Set<number>;
}

const setMarks = StateEffect.define<Marks>();
const explain = StateEffect.define<number | null>();

const groupOf = (decoration: Decoration): Group => decoration.spec.group as Group;

/** The part of a range that is underlined: its first line at most; null for an empty line. */
function underlineRange(doc: Text, range: Range): { from: number; to: number } | null {
  const line = doc.lineAt(offsetOf(doc, range.start));
  let from = offsetOf(doc, range.start);
  let to = Math.min(offsetOf(doc, range.end), line.to);
  if (to <= from) {
    // An empty range, such as the end of a line: underline the line without its indentation.
    const indent = /^\s*/.exec(line.text)?.[0].length ?? 0;
    from = line.from + indent;
    to = line.to;
  }
  return to > from ? { from, to } : null;
}

function build(state: EditorState, marks: Marks, old: DecorationSet): DecorationSet {
  const { doc } = state;
  const groups = new Map<string, Group & { from: number; to: number }>();
  for (const item of itemsOf(marks.report, marks.file)) {
    // An empty line cannot be underlined, and the gutter needs a range: use the last line with text before it.
    let place = underlineRange(doc, item.range);
    for (let line = Math.min(item.range.start.line, doc.lines); !place && line > 1; line -= 1) {
      const before = doc.line(line - 1);
      if (before.text.trim()) place = { from: before.from + before.text.search(/\S/), to: before.to };
    }
    if (!place) continue;
    const key = `${place.from}-${place.to}`;
    const group = groups.get(key) ?? { ...place, severity: item.severity, items: [], documents: new Set() };
    group.items.push(item);
    group.documents.add(item.document);
    group.severity = maxSeverity(group.severity, item.severity);
    groups.set(key, group);
  }
  const ranges: EditorRange<Decoration>[] = [...groups.values()].map((group) =>
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

/** The groups that touch a range, in the order of the text. */
function groupsAt(state: EditorState, from: number, to: number): { from: number; to: number; group: Group }[] {
  const found: { from: number; to: number; group: Group }[] = [];
  state.field(underlines).between(from, to, (start, end, decoration) => {
    found.push({ from: start, to: end, group: groupOf(decoration) });
  });
  return found.sort((a, b) => a.from - b.from || b.to - a.to);
}

class GutterIcon extends GutterMarker {
  constructor(readonly severity: Severity, readonly count: number) {
    super();
  }
  override eq(other: GutterMarker): boolean {
    return other instanceof GutterIcon && other.severity === this.severity && other.count === this.count;
  }
  override toDOM(): Node {
    const title = `${this.count} ${SEVERITIES[this.severity].label.toLowerCase()}${this.count === 1 ? "" : "s"}`;
    return h("span", { class: `gutter-icon gutter-icon-${this.severity}`, title }, icon(this.severity));
  }
}

const gutterIcons = gutter({
  class: "cm-gutter-icons",
  lineMarker(view, block) {
    const line = view.state.doc.lineAt(block.from);
    let severity: Severity = "info";
    let count = 0;
    for (const { from, group } of groupsAt(view.state, line.from, line.to)) {
      if (from < line.from) continue;
      severity = count ? maxSeverity(severity, group.severity) : group.severity;
      count += group.items.length;
    }
    return count ? new GutterIcon(severity, count) : null;
  },
  lineMarkerChange: (update) => update.startState.field(underlines) !== update.state.field(underlines),
  initialSpacer: () => new GutterIcon("info", 0),
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

/** The functions of the page that the marks use. */
export interface MarksHost {
  /** Renders the explanation of an item, with its fix if it has one. */
  render(item: Item): HTMLElement;
  /** Announces a text to screen readers. */
  announce(text: string): void;
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
      if (!first || view.state.field(explanation)) return null;
      return tooltip(groups, first.from, Math.max(...groups.map((group) => group.to)));
    },
    { hideOnChange: true, hoverTime: 200 },
  );

  // The explanation that a key or the gutter opened; the next change or selection closes it.
  const explanation = StateField.define<Tooltip | null>({
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

  function announceLine(state: EditorState, position: number): void {
    const line = state.doc.lineAt(position);
    const items = groupsAt(state, line.from, line.to).flatMap(({ group }) => group.items);
    host.announce(
      items.length
        ? `Line ${line.number}: ${items.map((item) => `${SEVERITIES[item.severity].label}: ${item.title}`).join(" ")}`
        : `There is no finding in line ${line.number}.`,
    );
  }

  function explainLine(view: EditorView): boolean {
    const { head } = view.state.selection.main;
    view.dispatch({ effects: explain.of(head) });
    announceLine(view.state, head);
    return true;
  }

  function moveToMark(view: EditorView, forward: boolean): boolean {
    const all = groupsAt(view.state, 0, view.state.doc.length);
    const { from } = view.state.selection.main;
    const target = forward
      ? (all.find((mark) => mark.from > from) ?? all[0])
      : (all.findLast((mark) => mark.from < from) ?? all.at(-1));
    if (!target) {
      host.announce("There are no findings.");
      return true;
    }
    view.dispatch({
      selection: { anchor: target.from, head: target.to },
      effects: [EditorView.scrollIntoView(target.from, { y: "center" }), explain.of(target.from)],
    });
    announceLine(view.state, target.from);
    return true;
  }

  return [
    underlines,
    explanation,
    hover,
    gutterIcons,
    Prec.high(
      keymap.of([
        { key: "F8", run: (view) => moveToMark(view, true), shift: (view) => moveToMark(view, false) },
        { key: "Mod-.", run: explainLine },
        {
          key: "Escape",
          run(view) {
            if (!view.state.field(explanation)) return false;
            view.dispatch({ effects: explain.of(null) });
            return true;
          },
        },
      ]),
    ),
  ];
}

/** Marks the items of a file of a report in the editor. */
export function showMarks(view: EditorView, report: Report, file: number, keep: Set<number>): void {
  view.dispatch({ effects: setMarks.of({ report, file, keep }) });
}
