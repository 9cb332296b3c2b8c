// The list of findings: a section for each document, with each finding's reason, advice and fix.

import type { Fix } from "../core/pkg/core.js";
import type { App, DocumentReport, Range } from "./app.ts";
import { type Item, itemsOfDocument, SEVERITIES } from "./items.ts";
import { button, chip, fill, h, icon } from "./ui.ts";
import { exemptionOf, outcomeOf, plural } from "./verdicts.ts";

/** A document in the list. */
export interface DocumentView {
  document: DocumentReport;
  /** The reason why its findings are those of an earlier report; null if they are current. */
  stale: keyof typeof STALE | null;
}

const STALE = {
  invalid: "This document cannot be parsed. Its findings are from its last valid version.",
  notEvaluated: "The document was not evaluated with these settings. Its findings are from the last valid settings.",
};

/** The maximum of findings in the list, because it is rendered after each keystroke; further documents are collapsed. */
const MAX_FINDINGS = 120;
/** The maximum of documents in the list. */
const MAX_DOCUMENTS = 500;

export interface Findings {
  show(documents: readonly DocumentView[]): void;
  /** The content of an item's tooltip in the editor. */
  explain(item: Item): HTMLElement;
}

export function mountFindings(host: HTMLElement, title: HTMLElement, app: App, apply: (fix: Fix, file: number) => void): Findings {
  title.tabIndex = -1;
  /** The indexes of collapsed documents that the user has expanded. */
  const expanded = new Set<number>();

  function fixButton(fix: Fix, file: number, stale: boolean): HTMLButtonElement {
    const control = button(fix.title, () => apply(fix, file), {
      small: true,
      icon: "fix",
      name: `Fix: ${fix.title}`,
    });
    control.classList.add("fix");
    control.disabled = stale;
    return control;
  }

  function body(item: Item, stale: boolean, place: boolean): (HTMLElement | null)[] {
    const { finding } = item;
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
            h(
              "button",
              { type: "button", class: "link", onClick: () => app.select(item.range, item.file), disabled: stale },
              placeOf(app, item.file, item.range),
            ),
            " ",
            finding ? h("code", {}, breakable(finding.path)) : null,
            finding?.missing ? h("span", { class: "muted" }, " (missing)") : null,
          )
        : null,
      finding ? h("p", { class: "finding-advice" }, finding.advice) : null,
      finding
        ? h(
            "div",
            { class: "finding-foot" },
            finding.fix ? fixButton(finding.fix, item.file, stale) : null,
            h(
              "span",
              { class: "finding-check" },
              h(
                "button",
                { type: "button", class: "link", title: "Show this check in the catalogue", onClick: () => app.openCheck(finding.check) },
                finding.check,
              ),
              h("span", {}, `${finding.level}, since ${finding.since}`),
              finding.modes.length < 3 ? h("span", {}, `only for ${finding.modes.join(" and ")}`) : null,
            ),
          )
        : null,
    ];
  }

  function section(view: DocumentView, place: number, alone: boolean, collapsed: boolean): HTMLElement {
    const { document } = view;
    const stale = view.stale !== null;
    const items = itemsOfDocument(document, place);
    // The diagnostics of a document that cannot be parsed are current.
    const isStale = (item: Item): boolean => stale && (item.finding !== null || view.stale === "notEvaluated");
    const expand = (): void => {
      expanded.add(place);
      const whole = section(view, place, alone, false);
      element.replaceWith(whole);
      whole.querySelector<HTMLElement>(".finding button")?.focus();
    };
    const enforce = document.verdicts.find((verdict) => verdict.mode === "enforce");
    const outcome = enforce ? outcomeOf(enforce, document) : null;
    const element = h(
      "section",
      {
        class: "document",
        "data-document": nameOf(document),
        "data-satisfied": enforce ? String(enforce.satisfied) : null,
      },
      h(
        "div",
        { class: "document-head" },
        h(
          "h3",
          {},
          nameOf(document),
          document.namespace ? h("span", { class: "muted" }, ` in namespace ${document.namespace}`) : null,
        ),
        outcome && !alone ? chip(outcome.label, outcome.kind) : null,
        alone
          ? null
          : h(
              "button",
              { type: "button", class: "link document-line", onClick: () => app.select(document.range, document.file), disabled: stale },
              placeOf(app, document.file, document.range),
            ),
      ),
      view.stale ? h("p", { class: "hint" }, STALE[view.stale]) : null,
      summaryOf(document, items.length),
      collapsed ? h("p", {}, h("button", { type: "button", class: "link", onClick: expand }, `Show ${plural(items.length, "finding")}`)) : h(
        "ul",
        { class: "finding-list" },
        items.slice(0, MAX_FINDINGS).map((item, index) =>
          h(
            "li",
            { class: `finding finding-${item.severity}${isStale(item) ? " stale" : ""}`, "data-key": `${place} ${item.finding?.check ?? "text"} ${item.finding?.path ?? index}` },
            body(item, isStale(item), true),
          ),
        ),
      ),
      collapsed ? null : notes("Exempt", document.file, document.exempted, stale, (exempted) => [
        exempted.path,
        h("button", { type: "button", class: "link", title: "Show this check in the catalogue", onClick: () => app.openCheck(exempted.check) }, exempted.check),
        h("span", {}, exempted.reason),
      ]),
      collapsed ? null : notes("Set when it is applied", document.file, document.changes, stale, (change) => [`${change.path}: ${change.value}`]),
      items.length > MAX_FINDINGS && !collapsed ? h("p", { class: "hint" }, `${items.length - MAX_FINDINGS} more are marked in the editor.`) : null,
    );
    return element;
  }

  /** A list of entries that are not findings. */
  function notes<T extends { range: Range }>(title: string, file: number, items: readonly T[], stale: boolean, render: (item: T) => [string, ...HTMLElement[]]): HTMLElement | null {
    if (!items.length) return null;
    return h(
      "div",
      { class: "document-notes" },
      h("h4", {}, title),
      h(
        "ul",
        {},
        items.slice(0, MAX_FINDINGS).map((item) => {
          const [path, ...more] = render(item);
          return h(
            "li",
            { class: "finding-place" },
            h("button", { type: "button", class: "link", onClick: () => app.select(item.range, file), disabled: stale }, placeOf(app, file, item.range)),
            " ",
            h("code", {}, breakable(path)),
            more.length ? h("span", { class: "finding-check" }, more) : null,
          );
        }),
      ),
      items.length > MAX_FINDINGS ? h("p", { class: "hint" }, `${items.length - MAX_FINDINGS} more.`) : null,
    );
  }

  return {
    explain: (item) => h("div", { class: `explanation-item finding-${item.severity}` }, body(item, false, false)),
    show(documents) {
      const focus = focusRestorer(host);
      const count = documents.reduce((sum, { document }) => sum + document.findings.length, 0);
      title.textContent = count ? plural(count, "finding") : "Findings";
      const listed = documents
        .map((view, place) => ({ view, place }))
        .filter(({ view }) => view.document.status !== "empty" || view.document.diagnostics.length > 0);
      const alone = listed.length === 1;
      let room = MAX_FINDINGS;
      const isCollapsed = ({ view: { document }, place }: { view: DocumentView; place: number }): boolean => {
        const items = itemsOfDocument(document, place).length;
        const collapsed = !alone && items > 0 && room <= 0 && !expanded.has(place);
        if (!collapsed) room -= items;
        return collapsed;
      };
      fill(
        host,
        runs(listed.slice(0, MAX_DOCUMENTS)).map((run) =>
          run.length > 1 ? withoutPods(run) : run.map((own) => section(own.view, own.place, alone, isCollapsed(own))),
        ),
        listed.length > MAX_DOCUMENTS ? h("p", { class: "hint" }, `${plural(listed.length - MAX_DOCUMENTS, "more document is", "more documents are")} marked in the editor.`) : null,
      );
      if (!listed.length) fill(host, h("p", { class: "muted" }, "There is no manifest. Type or paste one, open a file, or choose an example."));
      focus(title);
    },
  };

  /** One entry for a run of documents without a pod. */
  function withoutPods(run: { view: DocumentView; place: number }[]): HTMLElement {
    return h(
      "section",
      { class: "document document-brief" },
      h("h3", {}, `${run.length} documents without a pod`),
      h(
        "p",
        { class: "muted" },
        run.flatMap(({ view: { document } }, index) => [
          index ? ", " : "",
          h("button", { type: "button", class: "link", onClick: () => app.select(document.range, document.file) }, nameOf(document)),
        ]),
      ),
    );
  }
}

/** `deploy.yaml:17` if there are several files, else `Line 17`. */
function placeOf({ state: { files } }: App, file: number, { start: { line } }: Range): string {
  return files.length > 1 ? `${files[file]?.name ?? ""}:${line}` : `Line ${line}`;
}

/** A path with line break opportunities after its dots. */
const breakable = (path: string): (string | HTMLElement)[] =>
  path.split(/(?<=\.)/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));

/** Groups adjacent documents without a pod and without diagnostics. */
function runs<T extends { view: DocumentView }>(listed: readonly T[]): T[][] {
  const isBrief = ({ view: { document } }: T): boolean => document.status === "noPod" && !document.diagnostics.length && !document.changes.length;
  const result: T[][] = [];
  for (const own of listed) {
    const last = result.at(-1);
    if (last && isBrief(own) && last.every(isBrief)) last.push(own);
    else result.push([own]);
  }
  return result;
}

const nameOf = (document: DocumentReport): string =>
  [document.kind || (document.status === "invalid" ? "Invalid document" : "Document"), document.name].filter(Boolean).join(" ");

function summaryOf(document: DocumentReport, count: number): HTMLElement | null {
  if (document.status === "exempt") return h("p", { class: "muted" }, exemptionOf(document));
  if (document.status === "noPod") return h("p", { class: "muted" }, "It contains no pod, so there is nothing to evaluate.");
  if (document.status !== "judged") return null;
  const enforce = document.verdicts.find((verdict) => verdict.mode === "enforce");
  if (!count && document.verdicts.every((verdict) => verdict.satisfied)) {
    return h("p", { class: "satisfied" }, icon("ok"), "It satisfies every mode.");
  }
  return enforce && !enforce.satisfied ? h("p", { class: "muted" }, outcomeOf(enforce, document).sentence) : null;
}

/** Returns a function that restores the focus after the list is rendered again. */
function focusRestorer(host: HTMLElement): (fallback: HTMLElement) => void {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !host.contains(active)) return () => {};
  const key = active.closest<HTMLElement>("[data-key]")?.dataset.key;
  const fixes = [...host.querySelectorAll<HTMLElement>(".fix")];
  const index = fixes.indexOf(active);
  const label = active.textContent;
  return (fallback) => {
    const same = [...host.querySelectorAll<HTMLElement>("[data-key]")].find((own) => own.dataset.key === key);
    const control = same && [...same.querySelectorAll<HTMLElement>("button")].find((own) => own.textContent === label);
    const next = [...host.querySelectorAll<HTMLElement>(".fix")];
    // A fix that was applied has no button any more; the next button is at its index.
    (control ?? (index >= 0 ? next[Math.min(index, next.length - 1)] : null) ?? fallback).focus({ preventScroll: true });
  };
}
