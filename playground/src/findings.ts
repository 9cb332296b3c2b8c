// The list of findings: a section for each document or group, with each finding's reason, advice and fix. Only the rows near the
// visible part are rendered.

import type { Fix } from "../engine/pkg/engine.js";
import type { App, DocumentReport, Range } from "./app.ts";
import { type Filter, groupsOf, type Grouping, isActive, matcher } from "./findingFilter.ts";
import { mountFilterBar } from "./findingFilterBar.ts";
import { documentName, type Item, itemsOfDocument, SEVERITIES, type Stale } from "./items.ts";
import { button, chip, fill, h, icon } from "./ui.ts";
import { exemptionOf, outcomeOf, plural } from "./verdicts.ts";
import { type Section, virtualList } from "./virtualList.ts";

/** A document in the list. */
export interface DocumentView {
  document: DocumentReport;
  stale: Stale;
}

const STALE = {
  invalid: "This document cannot be parsed. Its findings are from its last valid version.",
  notEvaluated: "The document was not evaluated with these settings. Its findings are from the last valid settings.",
};

/** The maximum of exemptions or changes that are listed for a document. */
const MAX_NOTES = 120;

/** A row that is not an item: the head of a section, or the notes below its items. */
interface Frame {
  row: "head" | "foot";
  kind: string;
  /** Whether it is the first row. */
  first: boolean;
  render: () => HTMLElement;
}
type Row = Item | Frame;

interface FindingSection extends Section<Row> {
  name: string;
  satisfied: boolean | null;
}

export interface Findings {
  show(documents: readonly DocumentView[]): void;
  /** The content of an item's tooltip in the editor. */
  explain(item: Item): HTMLElement;
}

export function mountFindings(host: HTMLElement, title: HTMLElement, app: App, apply: (fix: Fix, file: number) => void): Findings {
  title.tabIndex = -1;
  const inner = h("div");
  const note = h("div");
  host.append(note, inner);
  let views: readonly DocumentView[] = [];
  let grouping: Grouping = "object";
  let shown: readonly Item[] = [];
  const bar = mountFilterBar(host, title, app, { change: () => update(), shown: () => shown });

  const list = virtualList<Row>(inner, {
    render: (row) => (row.row === "item" ? entry(row) : row.render()),
    kind: (row) => (row.row === "item" ? (row.finding?.check ?? "diagnostic") : row.kind),
    gap: (row) => (row.row === "head" ? 14 : 8),
    section(element, section) {
      const { name, satisfied } = section as FindingSection;
      element.className = "document";
      element.dataset.document = name;
      if (satisfied === null) delete element.dataset.satisfied;
      else element.dataset.satisfied = String(satisfied);
    },
  });

  function entry(item: Item): HTMLElement {
    return h("li", { class: `finding finding-${item.severity}${item.stale ? " stale" : ""}` }, body(item, item.stale, true));
  }

  function fixButton(item: Item, fix: Fix, stale: boolean): HTMLButtonElement {
    const control = button(fix.title, () => apply(fix, item.document.file), {
      small: true,
      icon: "fix",
      name: `Fix: ${fix.title}`,
    });
    control.classList.add("fix");
    control.disabled = stale;
    return control;
  }

  const lineButton = (range: Range, document: DocumentReport, stale: boolean, className = "link"): HTMLElement =>
    h("button", { type: "button", class: className, onClick: () => app.select(range, document.file), disabled: stale }, placeOf(app, document.file, range));

  const checkButton = (check: string): HTMLElement =>
    h("button", { type: "button", class: "link", title: "Show this check in the catalogue", onClick: () => app.openCheck(check) }, check);

  function body(item: Item, stale: boolean, place: boolean): (HTMLElement | null)[] {
    const { finding, fix } = item;
    return [
      h(
        "p",
        { class: "finding-title" },
        h("span", { class: `severity severity-${item.severity}` }, icon(item.severity), SEVERITIES[item.severity].label),
        " ",
        item.title,
      ),
      place
        ? h(
            "p",
            { class: "finding-place" },
            lineButton(item.range, item.document, stale),
            " ",
            grouping === "object" ? null : h("span", { class: "finding-object" }, documentName(item.document), " "),
            finding ? h("code", {}, breakable(finding.path)) : null,
            finding?.missing ? h("span", { class: "muted" }, " (missing)") : null,
          )
        : null,
      item.advice ? h("p", { class: "finding-advice" }, item.advice) : null,
      finding || fix || item.isTemplate
        ? h(
            "div",
            { class: "finding-foot" },
            fix ? fixButton(item, fix, stale) : null,
            item.isTemplate ? button("Judge the rest", () => app.choose({ maskTemplates: true }), { small: true }) : null,
            finding
              ? h(
                  "span",
                  { class: "finding-check" },
                  checkButton(finding.check),
                  h("span", {}, `${finding.level}, since ${finding.since}`),
                  finding.modes.length < 3 ? h("span", {}, `only for ${finding.modes.join(" and ")}`) : null,
                )
              : null,
          )
        : null,
    ];
  }

  /** Heads and feet by their section, with the values that they were made of. */
  let frames = new Map<string, { parts: readonly unknown[]; frame: Frame }>();
  let nextFrames: typeof frames = new Map();

  /** The same row as before if the values that it is made of are the same. */
  function frame(row: "head" | "foot", section: string, parts: readonly unknown[], make: () => HTMLElement): Frame {
    const key = `${row} ${section}`;
    const known = frames.get(key);
    const own =
      known && known.parts.length === parts.length && known.parts.every((part, at) => part === parts[at])
        ? known
        : { parts, frame: { row, kind: row, first: parts[0] === true, render: () => h("div", { class: `${row}-row${row === "head" && parts[0] !== true ? " later" : ""}` }, make()) } satisfies Frame };
    nextFrames.set(key, own);
    return own.frame;
  }

  function documentHead({ document, stale }: DocumentView, count: number, alone: boolean): HTMLElement {
    const enforce = enforceVerdict(document);
    const outcome = enforce ? outcomeOf(enforce, document) : null;
    return h(
      "div",
      {},
      h(
        "div",
        { class: "document-head" },
        h("h3", {}, documentName(document), document.namespace ? h("span", { class: "muted" }, ` in namespace ${document.namespace}`) : null),
        outcome && !alone ? chip(outcome.label, outcome.kind) : null,
        alone ? null : lineButton(document.range, document, stale !== null, "link document-line"),
      ),
      stale ? h("p", { class: "hint" }, STALE[stale]) : null,
      summaryOf(document, count),
    );
  }

  function documentNotes({ document, stale }: DocumentView): HTMLElement {
    const isStale = stale !== null;
    return h(
      "div",
      {},
      notes("Exempt", document, document.exempted, isStale, (exempted) => [exempted.path, checkButton(exempted.check), h("span", {}, exempted.reason)]),
      notes("Set when it is applied", document, document.changes, isStale, (change) => [`${change.path}: ${change.value}`]),
    );
  }

  /** A list of entries that are not findings. */
  function notes<T extends { range: Range }>(heading: string, document: DocumentReport, items: readonly T[], stale: boolean, render: (item: T) => [string, ...HTMLElement[]]): HTMLElement | null {
    if (!items.length) return null;
    return h(
      "div",
      { class: "document-notes" },
      h("h4", {}, heading),
      h(
        "ul",
        {},
        items.slice(0, MAX_NOTES).map((item) => {
          const [path, ...more] = render(item);
          return h("li", { class: "finding-place" }, lineButton(item.range, document, stale), " ", h("code", {}, breakable(path)), more.length ? h("span", { class: "finding-check" }, more) : null);
        }),
      ),
      items.length > MAX_NOTES ? h("p", { class: "hint" }, `${items.length - MAX_NOTES} more.`) : null,
    );
  }

  /** The sections of the documents that have something to show. */
  function documentSections(matches: (item: Item) => boolean, active: boolean): FindingSection[] {
    const listed = views.filter(({ document }) => document.status !== "empty" || document.diagnostics.length > 0);
    const alone = listed.length === 1;
    const sections: FindingSection[] = [];
    for (const run of active ? listed.map((own) => [own]) : runs(listed)) {
      const first = sections.length === 0;
      const { document, stale } = run[0] as DocumentView;
      const key = keyOf(document);
      if (run.length > 1) {
        const head = frame("head", key, [first, ...run.map((own) => own.document)], () => withoutPods(run));
        sections.push({ key, head: [head], entries: [], foot: [], name: "", satisfied: null });
        continue;
      }
      const all = itemsOfDocument(document, stale);
      const entries = active ? all.filter(matches) : all;
      if (active && !entries.length) continue;
      const view = { document, stale };
      const hasNotes = !active && (document.exempted.length > 0 || document.changes.length > 0);
      sections.push({
        key,
        head: [frame("head", key, [first, document, stale, alone], () => documentHead(view, all.length, alone))],
        entries,
        foot: hasNotes ? [frame("foot", key, [first, document, stale], () => documentNotes(view))] : [],
        name: documentName(document),
        satisfied: enforceVerdict(document)?.satisfied ?? null,
      });
    }
    return sections;
  }

  function groupSections(by: Exclude<Grouping, "object">, items: readonly Item[]): FindingSection[] {
    return groupsOf(items, by, ({ file }) => app.state.files[file]?.name ?? "").map(({ key, title: heading, items: entries }, at): FindingSection => {
      const fixable = entries.filter(({ fix, stale }) => fix && !stale).length;
      const isCheck = by === "check" && entries[0]?.finding;
      return {
        key: `${by} ${key}`,
        head: [
          frame("head", `${by} ${key}`, [at === 0, heading, entries.length, fixable], () =>
            h(
              "div",
              { class: "document-head" },
              h("h3", {}, isCheck ? checkButton(key) : heading),
              h("span", { class: "muted" }, countsOf(entries.length, fixable)),
            ),
          ),
        ],
        entries,
        foot: [],
        name: heading,
        satisfied: null,
      };
    });
  }

  /** One entry for a run of documents without a pod. */
  function withoutPods(run: readonly DocumentView[]): HTMLElement {
    return h(
      "div",
      { class: "document-brief" },
      h("h3", {}, `${run.length} documents without a pod`),
      h(
        "p",
        { class: "muted" },
        run.flatMap(({ document }, index) => [
          index ? ", " : "",
          h("button", { type: "button", class: "link", onClick: () => app.select(document.range, document.file) }, documentName(document)),
        ]),
      ),
    );
  }

  function update(): void {
    const restoreFocus = focusRestorer();
    const { filter, grouping: by }: { filter: Filter; grouping: Grouping } = bar.state;
    // The rows of groups name their objects.
    if (grouping !== by) list.reset();
    grouping = by;
    const active = isActive(filter);
    const matches = matcher(filter);
    const findings = views.reduce((sum, { document }) => sum + document.findings.length, 0);
    const text = findings ? plural(findings, "finding") : "Findings";
    if (title.textContent !== text) title.textContent = text;
    if (active || grouping !== "object" || bar.isOpen) {
      const all: Item[] = [];
      for (const { document, stale } of views) for (const item of itemsOfDocument(document, stale)) all.push(item);
      shown = active ? all.filter(matches) : all;
      bar.show(all, shown);
    }
    const sections = grouping === "object" ? documentSections(matches, active) : groupSections(grouping, shown);
    frames = nextFrames;
    nextFrames = new Map();
    list.show(sections);
    const empty = sections.length
      ? ""
      : active
        ? "No finding passes the filter."
        : grouping === "object"
          ? "There is no manifest. Type or paste one, open a file, or choose an example."
          : "There are no findings.";
    if (note.textContent !== empty) fill(note, empty ? h("p", { class: "muted" }, empty) : null);
    restoreFocus();
  }

  /** Returns a function that restores the focus after the list is rendered again. */
  function focusRestorer(): () => void {
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || !inner.contains(active)) return () => {};
    const row = list.rowOf(active);
    const at = row ? list.rows.indexOf(row) : -1;
    const key = row?.row === "item" ? itemKey(row) : "";
    const isFix = active.classList.contains("fix");
    const label = active.textContent;
    return () => {
      if (active.isConnected && document.activeElement === active) return;
      const { rows } = list;
      const same = key ? rows.find((own) => own.row === "item" && itemKey(own) === key) : rows[at];
      const control = same && [...(list.reveal(same)?.querySelectorAll<HTMLElement>("button") ?? [])].find((own) => own.textContent === label);
      if (control) return control.focus({ preventScroll: true });
      // A fix that was applied has no button any more: the next one gets the focus, else the one before.
      const isFixable = (own: Row): boolean => own.row === "item" && own.fix !== null && !own.stale;
      const next = isFix ? (rows.slice(Math.max(at, 0)).find(isFixable) ?? rows.slice(0, Math.max(at, 0)).findLast(isFixable)) : undefined;
      const fix = next && list.reveal(next)?.querySelector<HTMLElement>(".fix");
      (fix ?? title).focus({ preventScroll: true });
    };
  }

  return {
    explain: (item) => h("div", { class: `explanation-item finding-${item.severity}` }, body(item, false, false)),
    show(documents) {
      views = documents;
      update();
    },
  };
}

/** The number of findings, and how many of them have a fix. */
export function countsOf(count: number, fixable: number): string {
  if (!fixable) return `${plural(count, "finding")}, none with a fix`;
  return fixable === count ? `${plural(count, "finding")} with a fix` : `${plural(count, "finding")}, ${fixable} with a fix`;
}

/** `deploy.yaml:17` if there are several files, else `Line 17`. */
function placeOf({ state: { files } }: App, file: number, { start: { line } }: Range): string {
  return files.length > 1 ? `${files[file]?.name ?? ""}:${line}` : `Line ${line}`;
}

const keyOf = (document: DocumentReport): string => `${document.file} ${document.index} ${document.item}`;

const itemKey = ({ document, finding, title }: Item): string => `${keyOf(document)} ${finding?.check ?? "text"} ${finding?.path ?? title}`;

const enforceVerdict = (document: DocumentReport) => document.verdicts.find((verdict) => verdict.mode === "enforce");

/** A path with line break opportunities after its dots. */
const breakable = (path: string): (string | HTMLElement)[] =>
  path.split(/(?<=\.)/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));

/** Groups adjacent documents without a pod and without diagnostics. */
function runs(listed: readonly DocumentView[]): DocumentView[][] {
  const isBrief = ({ document }: DocumentView): boolean => document.status === "noPod" && !document.diagnostics.length && !document.changes.length;
  const result: DocumentView[][] = [];
  for (const own of listed) {
    const last = result.at(-1);
    if (last && isBrief(own) && isBrief(last[0] as DocumentView)) last.push(own);
    else result.push([own]);
  }
  return result;
}

function summaryOf(document: DocumentReport, count: number): HTMLElement | null {
  if (document.status === "exempt") return h("p", { class: "muted" }, exemptionOf(document));
  if (document.status === "noPod") return h("p", { class: "muted" }, "It contains no pod, so there is nothing to evaluate.");
  if (document.status !== "judged") return null;
  const enforce = enforceVerdict(document);
  if (!count && document.verdicts.every((verdict) => verdict.satisfied)) {
    return h("p", { class: "satisfied" }, icon("ok"), "It satisfies every mode.");
  }
  return enforce && !enforce.satisfied ? h("p", { class: "muted" }, outcomeOf(enforce, document).sentence) : null;
}
