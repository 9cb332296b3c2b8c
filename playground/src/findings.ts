// The list of findings: a section for each document, and in it what is wrong, why, and what to do.

import type { DocumentReport, Fix, Range } from "../core/pkg/core.js";
import type { App } from "./app.ts";
import { type Item, itemsOfDocument, SEVERITIES } from "./items.ts";
import { button, chip, fill, h, icon } from "./ui.ts";
import { exemptionOf, outcomeOf, plural } from "./verdicts.ts";

/** A document as the list shows it. */
export interface Shown {
  document: DocumentReport;
  /** Why it is shown as it was before: it cannot be read now, or nothing is judged for wrong settings. */
  stale: keyof typeof STALE | null;
}

const STALE = {
  unreadable: "This document cannot be read now. Its findings are those from before.",
  unjudged: "It was not judged by these settings. Its findings are those from before.",
};

/** More than these would only make the page slow, for every key; further documents are folded. */
const MOST = 120;
/** As many documents are listed, folded or not. */
const DOCUMENTS = 500;

export interface Findings {
  show(documents: readonly Shown[]): void;
  /** What a tooltip in the editor says of an item. */
  explain(item: Item): HTMLElement;
}

export function mountFindings(host: HTMLElement, title: HTMLElement, app: App, apply: (fix: Fix) => void): Findings {
  title.tabIndex = -1;
  /** The folded documents that were unfolded, by their place. */
  const unfolded = new Set<number>();

  function fixButton(fix: Fix, stale: boolean): HTMLButtonElement {
    const control = button(fix.title, () => apply(fix), {
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
        h("span", { class: `severity severity-${item.severity}` }, icon(item.severity), SEVERITIES[item.severity].word),
        " ",
        item.title,
      ),
      place
        ? h(
            "p",
            { class: "finding-place" },
            h(
              "button",
              { type: "button", class: "link", onClick: () => app.select(item.range), disabled: stale },
              `Line ${item.range.start.line}`,
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
            finding.fix ? fixButton(finding.fix, stale) : null,
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

  function section(shown: Shown, place: number, alone: boolean, folded: boolean): HTMLElement {
    const { document } = shown;
    const stale = shown.stale !== null;
    const items = itemsOfDocument(document, place);
    // Why it cannot be read is of now.
    const isOld = (item: Item): boolean => stale && (item.finding !== null || shown.stale === "unjudged");
    const unfold = (): void => {
      unfolded.add(place);
      const whole = section(shown, place, alone, false);
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
        outcome && !alone ? chip(outcome.word, outcome.kind) : null,
        alone
          ? null
          : h(
              "button",
              { type: "button", class: "link document-line", onClick: () => app.select(document.range), disabled: stale },
              `Line ${document.range.start.line}`,
            ),
      ),
      shown.stale ? h("p", { class: "hint" }, STALE[shown.stale]) : null,
      summaryOf(document, items.length),
      folded ? h("p", {}, h("button", { type: "button", class: "link", onClick: unfold }, `Show ${plural(items.length, "finding")}`)) : h(
        "ul",
        { class: "finding-list" },
        items.slice(0, MOST).map((item, index) =>
          h(
            "li",
            { class: `finding finding-${item.severity}${isOld(item) ? " stale" : ""}`, "data-key": `${place} ${item.finding?.check ?? "text"} ${item.finding?.path ?? index}` },
            body(item, isOld(item), true),
          ),
        ),
      ),
      folded ? null : quiet("Exempt", document.exempted, stale, (covered) => [
        covered.path,
        h("button", { type: "button", class: "link", title: "Show this check in the catalogue", onClick: () => app.openCheck(covered.check) }, covered.check),
        h("span", {}, covered.reason),
      ]),
      folded ? null : quiet("Filled in when it is applied", document.changes, stale, (change) => [`${change.path}: ${change.value}`]),
      items.length > MOST && !folded ? h("p", { class: "hint" }, `And ${items.length - MOST} more, which the editor marks too.`) : null,
    );
    return element;
  }

  /** A list of what is no fault. */
  function quiet<T extends { range: Range }>(title: string, items: readonly T[], stale: boolean, tell: (item: T) => [string, ...HTMLElement[]]): HTMLElement | null {
    if (!items.length) return null;
    return h(
      "div",
      { class: "quiet" },
      h("h4", {}, title),
      h(
        "ul",
        {},
        items.slice(0, MOST).map((item) => {
          const [path, ...more] = tell(item);
          return h(
            "li",
            { class: "finding-place" },
            h("button", { type: "button", class: "link", onClick: () => app.select(item.range), disabled: stale }, `Line ${item.range.start.line}`),
            " ",
            h("code", {}, breakable(path)),
            more.length ? h("span", { class: "finding-check" }, more) : null,
          );
        }),
      ),
      items.length > MOST ? h("p", { class: "hint" }, `And ${items.length - MOST} more.`) : null,
    );
  }

  return {
    explain: (item) => h("div", { class: `explained finding-${item.severity}` }, body(item, false, false)),
    show(documents) {
      const focus = rememberFocus(host);
      const count = documents.reduce((sum, { document }) => sum + document.findings.length, 0);
      title.textContent = count ? plural(count, "finding") : "Findings";
      const listed = documents
        .map((shown, place) => ({ shown, place }))
        .filter(({ shown }) => shown.document.status !== "empty" || shown.document.diagnostics.length > 0);
      const alone = listed.length === 1;
      let room = MOST;
      const isFolded = ({ shown: { document }, place }: { shown: Shown; place: number }): boolean => {
        const items = itemsOfDocument(document, place).length;
        const folded = !alone && items > 0 && room <= 0 && !unfolded.has(place);
        if (!folded) room -= items;
        return folded;
      };
      fill(
        host,
        runs(listed.slice(0, DOCUMENTS)).map((run) =>
          run.length > 1 ? withoutPods(run) : run.map((own) => section(own.shown, own.place, alone, isFolded(own))),
        ),
        listed.length > DOCUMENTS ? h("p", { class: "hint" }, `And ${plural(listed.length - DOCUMENTS, "more document", "more documents")}, marked in the editor.`) : null,
      );
      if (!listed.length) fill(host, h("p", { class: "muted" }, "There is nothing here yet. Type or paste a manifest, open a file, or take an example."));
      focus(title);
    },
  };

  /** Documents without a pod in a row take one line together. */
  function withoutPods(run: { shown: Shown; place: number }[]): HTMLElement {
    return h(
      "section",
      { class: "document document-brief" },
      h("h3", {}, `${run.length} documents without a pod`),
      h(
        "p",
        { class: "muted" },
        run.flatMap(({ shown: { document } }, index) => [
          index ? ", " : "",
          h("button", { type: "button", class: "link", onClick: () => app.select(document.range) }, nameOf(document)),
        ]),
      ),
    );
  }
}

/** A path that may go on in a new line behind each of its dots, and nowhere else if that is enough. */
const breakable = (path: string): (string | HTMLElement)[] =>
  path.split(/(?<=\.)/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));

/** Puts neighbours together that have nothing to say. */
function runs<T extends { shown: Shown }>(listed: readonly T[]): T[][] {
  const silent = ({ shown: { document } }: T): boolean => document.status === "noPod" && !document.diagnostics.length && !document.changes.length;
  const found: T[][] = [];
  for (const own of listed) {
    const last = found.at(-1);
    if (last && silent(own) && last.every(silent)) last.push(own);
    else found.push([own]);
  }
  return found;
}

const nameOf = (document: DocumentReport): string =>
  [document.kind || (document.status === "invalid" ? "Unreadable document" : "Document"), document.name].filter(Boolean).join(" ");

function summaryOf(document: DocumentReport, count: number): HTMLElement | null {
  if (document.status === "exempt") return h("p", { class: "muted" }, exemptionOf(document));
  if (document.status === "noPod") return h("p", { class: "muted" }, "It holds no pod, so there is nothing to judge.");
  if (document.status !== "judged") return null;
  const enforce = document.verdicts.find((verdict) => verdict.mode === "enforce");
  if (!count && document.verdicts.every((verdict) => verdict.satisfied)) {
    return h("p", { class: "all-well" }, icon("ok"), "It satisfies every mode.");
  }
  return enforce && !enforce.satisfied ? h("p", { class: "muted" }, outcomeOf(enforce, document).sentence) : null;
}

/** Keeps the focus near where it was when the list is made anew. */
function rememberFocus(host: HTMLElement): (otherwise: HTMLElement) => void {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !host.contains(active)) return () => {};
  const key = active.closest<HTMLElement>("[data-key]")?.dataset.key;
  const fixes = [...host.querySelectorAll<HTMLElement>(".fix")];
  const index = fixes.indexOf(active);
  const label = active.textContent;
  return (otherwise) => {
    const same = [...host.querySelectorAll<HTMLElement>("[data-key]")].find((own) => own.dataset.key === key);
    const control = same && [...same.querySelectorAll<HTMLElement>("button")].find((own) => own.textContent === label);
    const next = [...host.querySelectorAll<HTMLElement>(".fix")];
    // A fix that was pressed is gone; the next one has its place.
    (control ?? (index >= 0 ? next[Math.min(index, next.length - 1)] : null) ?? otherwise).focus({ preventScroll: true });
  };
}
