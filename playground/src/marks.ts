// The marks in the editor: underlines and gutter icons for findings and diagnostics, and their explanations, by pointer and
// by keyboard.

import { type EditorState, type Extension, Prec, type Range as EditorRange, RangeSetBuilder, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, gutter, GutterMarker, hoverTooltip, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { DocumentReport, Range, Report } from "./app.ts";
import { offsetOf } from "./editor.ts";
import { type Item, itemsOfDocument, maxSeverity, type Severity, SEVERITIES } from "./items.ts";
import { type Child, h, icon } from "./ui.ts";

/** The items with the same underline. */
interface Group {
  severity: Severity;
  items: Item[];
}

interface Marks {
  /** The documents of the file in a report of the current text. */
  documents: readonly DocumentReport[];
  /** By their places, the documents of earlier reports whose marks are kept, because the text cannot be evaluated. */
  keep: ReadonlyMap<number, DocumentReport>;
}

const setMarks = StateEffect.define<Marks>();
/** Opens the explanation of the line at a position, or closes it. */
export const explain = StateEffect.define<number | null>();

/** Opens the explanation of the findings in the line of the selection. */
export const explainSelection = (view: EditorView): void => view.dispatch({ effects: explain.of(view.state.selection.main.from) });

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

/** The marks, and the documents that they are of. */
interface Underlines {
  set: DecorationSet;
  /** The documents of the last report, at its places. */
  documents: readonly DocumentReport[];
  /** The documents that have marks, those of earlier reports whose marks are kept too. */
  marked: ReadonlySet<DocumentReport>;
  /** The documents whose marks were touched by a change since then. */
  touched: ReadonlySet<DocumentReport>;
}

/** Replaces the marks of documents that are not the same objects as before; the others have moved with their text. */
function build(state: EditorState, marks: Marks, old: Underlines): Underlines {
  const { doc } = state;
  const kept = new Set<DocumentReport>();
  marks.documents.forEach((document, place) => {
    const previous = marks.keep.get(place);
    if (previous) kept.add(previous);
    kept.add(document);
  });
  const before = new Set(old.marked);
  const touched = new Set<DocumentReport>();
  const isKept = ({ document }: Item): boolean => kept.has(document) && !touched.has(document);
  // Marks in a text that was deleted and inserted again, by an undo for example, are made again.
  marks.documents.forEach((document, place) => {
    if (!old.touched.has(document) || marks.keep.has(place)) return;
    before.delete(document);
    touched.add(document);
  });
  const groups = new Map<string, Group & { from: number; to: number }>();
  const addTo = (from: number, to: number, items: readonly Item[]): void => {
    const key = `${from}-${to}`;
    const group = groups.get(key) ?? { from, to, severity: "info" as Severity, items: [] };
    group.items.push(...items);
    for (const { severity } of items) group.severity = maxSeverity(group.severity, severity);
    groups.set(key, group);
  };
  // The part of the text with marks to replace. The others keep their chunks, which the editor compares by identity.
  let [first, last] = [Infinity, -1];
  const extend = (from: number, to: number): void => void ([first, last] = [Math.min(first, from), Math.max(last, to)]);
  for (const cursor = old.set.iter(); cursor.value; cursor.next()) {
    const { items } = groupOf(cursor.value);
    if (items.every(isKept)) continue;
    extend(cursor.from, cursor.to);
    // A range can have items of several documents.
    const rest = items.filter(isKept);
    if (rest.length) addTo(cursor.from, cursor.to, rest);
  }
  for (const document of marks.documents) {
    if (before.has(document)) continue;
    for (const item of itemsOfDocument(document)) {
      // An empty line cannot be underlined, and the gutter needs a range: use the last line with text before it.
      let place = underlineRange(doc, item.range);
      for (let line = Math.min(item.range.start.line, doc.lines); !place && line > 1; line -= 1) {
        const previous = doc.line(line - 1);
        if (previous.text.trim()) place = { from: previous.from + previous.text.search(/\S/), to: previous.to };
      }
      if (place) addTo(place.from, place.to, [item]);
    }
  }
  const result = { documents: marks.documents, marked: kept, touched: new Set<DocumentReport>() };
  if (!groups.size && last < 0) return { ...result, set: old.set };
  for (const { from, to } of groups.values()) extend(from, to);
  // A range that is marked already, by another document.
  old.set.between(first, last, (from, to, decoration) => {
    const { items } = groupOf(decoration);
    if (groups.has(`${from}-${to}`) && items.every(isKept)) addTo(from, to, items);
  });
  const add: EditorRange<Decoration>[] = [...groups.values()].map(({ from, to, severity, items }) =>
    Decoration.mark({ class: `mark mark-${severity}`, group: { severity, items } satisfies Group }).range(from, to),
  );
  const filter = (from: number, to: number, decoration: Decoration): boolean => groupOf(decoration).items.every(isKept) && !groups.has(`${from}-${to}`);
  return { ...result, set: old.set.update({ add, sort: true, filter, filterFrom: first, filterTo: last }) };
}

const underlines = StateField.define<Underlines>({
  create: () => ({ set: Decoration.none, documents: [], marked: new Set(), touched: new Set() }),
  update(value, transaction) {
    let next = value;
    if (transaction.docChanged) {
      const touched = new Set(value.touched);
      transaction.changes.iterChangedRanges((from, to) => {
        value.set.between(from, to, (_from, _to, decoration) => {
          for (const { document } of groupOf(decoration).items) touched.add(document);
        });
      });
      next = { ...value, touched, set: value.set.map(transaction.changes) };
    }
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) next = build(transaction.state, effect.value, next);
    }
    return next;
  },
});

function visibleMarks(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const { from, to } = view.viewport;
  view.state.field(underlines).set.between(from, to, (start, end, decoration) => builder.add(start, end, decoration));
  return builder.finish();
}

/** Only the marks in the viewport are decorations of the editor, which compares all of them at each change. */
const visibleUnderlines = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = visibleMarks(view);
    }
    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged || update.startState.field(underlines) !== update.state.field(underlines)) {
        this.decorations = visibleMarks(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** The groups that touch a range, in the order of the text. */
function groupsAt(state: EditorState, from: number, to: number): { from: number; to: number; group: Group }[] {
  const found: { from: number; to: number; group: Group }[] = [];
  state.field(underlines).set.between(from, to, (start, end, decoration) => {
    found.push({ from: start, to: end, group: groupOf(decoration) });
  });
  return found.sort((a, b) => a.from - b.from || b.to - a.to);
}

/** Whether a finding is marked at a position. */
export const hasMarkAt = (state: EditorState, position: number): boolean => groupsAt(state, position, position).length > 0;

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
  lineMarkerChange: (update) => update.startState.field(underlines).set !== update.state.field(underlines).set,
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

/** A box that explains a place of the text. Escape returns the focus from its buttons to the text. */
export function explanationBox(view: EditorView, name: string, content: Child[]): HTMLElement {
  const onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    view.focus();
  };
  return h("div", { class: "explanation", role: "group", "aria-label": name, onKeydown }, content);
}

/** Moves the focus to the first button of the open box; returns whether it has one. */
export function focusExplanation(view: EditorView): boolean {
  const first = view.dom.querySelector<HTMLElement>(".explanation button");
  first?.focus();
  return first !== null;
}

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
      create: (view) => ({ dom: explanationBox(view, "Findings here", groups.flatMap(({ group }) => group.items.map((item) => host.render(item)))) }),
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
    if (view.state.field(explanation) && focusExplanation(view)) return true;
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
    visibleUnderlines,
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

/**
 * Marks the items of a file of a report of the current text in the editor; `previous` are, by their places in the
 * report, the documents of earlier reports whose marks are kept.
 */
export function showMarks(view: EditorView, report: Report, file: number, previous: ReadonlyMap<number, DocumentReport>): void {
  const documents: DocumentReport[] = [];
  const keep = new Map<number, DocumentReport>();
  report.documents.forEach((document, place) => {
    if (document.file !== file) return;
    const own = previous.get(place);
    if (own) keep.set(documents.length, own);
    documents.push(document);
  });
  const { documents: last, touched } = view.state.field(underlines);
  if (!keep.size && !touched.size && documents.length === last.length && documents.every((document, place) => document === last[place])) return;
  view.dispatch({ effects: setMarks.of({ documents, keep }) });
}
