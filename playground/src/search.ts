// The search field: finds checks by their text, the object that a pasted message of Kubernetes is about, and the checks that it
// mentions.

import "./dialogs/dialogs.css";
import type { App, CheckInfo } from "./app.ts";
import { openCatalogue } from "./dialogs/catalogue.ts";
import { type MessageTarget, targetOf } from "./messageTargets.ts";
import { fill, h, newId } from "./ui.ts";
import { plural } from "./verdicts.ts";

/** Matches messages of Kubernetes about pod security. */
const MESSAGE = /violates? .*PodSecurity|PodSecurity "|!= (false|true) \(|\(.*(containers?|pod|volumes?) /i;

/** The maximum of findings of an object that are listed. */
const MAX_FINDINGS = 8;

interface Result {
  label: Node;
  open: () => void;
}

/** Adds the search field to `host`. */
export function mountSearch(app: App, host: HTMLElement): void {
  const listId = newId("results");
  const input = h("input", {
    class: "input",
    type: "search",
    placeholder: "Find a check, or paste an error",
    autocomplete: "off",
    spellcheck: "false",
    role: "combobox",
    "aria-label": "Find a check, or paste a message of Kubernetes",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
  });
  const list = h("div", { class: "search-results", role: "listbox", id: listId, "aria-label": "Search results", hidden: true });
  // A list box can contain only options, so this message is a sibling.
  const noResults = h("div", { class: "search-results", hidden: true }, h("p", { class: "no-results" }, "No check and no object has these words."));
  const status = h("p", { class: "visually-hidden", role: "status" });
  host.append(h("div", { class: "search" }, input, list, noResults, status));

  let results: Result[] = [];
  let selected = -1;
  let lastRequest = 0;

  const close = (): void => {
    lastRequest += 1;
    list.hidden = true;
    noResults.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (at: number): void => {
    selected = at;
    [...list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === at));
      if (place === at) {
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
      }
    });
    if (at < 0) input.removeAttribute("aria-activedescendant");
  };
  const choose = (result: Result | undefined): void => {
    if (result === undefined) return;
    close();
    result.open();
  };

  const update = async (): Promise<void> => {
    lastRequest += 1;
    const request = lastRequest;
    const query = input.value.trim();
    if (query === "") return close();
    const [checks, mentioned] = await Promise.all([app.engine.checks(), MESSAGE.test(query) ? app.engine.checksInMessage(query) : []]);
    // Only the result of the last query is shown.
    if (request !== lastRequest) return;
    const target = targetIn(query, mentioned);
    results = target ? resultsOf(target) : [];
    if (mentioned.length > 0) {
      const label = mentioned.length === 1 ? "Open the check in this message" : `Open the ${mentioned.length} checks in this message`;
      results.push({ label: h("strong", null, label), open: () => void openCatalogue(app, mentioned) });
    }
    const found = mentioned.length > 0 ? mentioned.flatMap((id) => checks.find((check) => check.id === id) ?? []) : matching(checks, query);
    for (const check of found) {
      const label = h("span", null, h("strong", { class: "code" }, check.id), h("span", { class: "muted" }, ` ${check.title}, ${check.level}`));
      results.push({ label, open: () => void openCatalogue(app, [check.id]) });
    }
    fill(
      list,
      results.map((result) => {
        const option = h("div", { role: "option", id: newId("option"), "aria-selected": "false" }, result.label);
        // Keeps the focus in the field.
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => choose(result));
        return option;
      }),
    );
    list.hidden = results.length === 0;
    noResults.hidden = results.length > 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    status.textContent =
      results.length === 0
        ? "No check and no object has these words."
        : [target && nameOf(target), (found.length > 0 || !target) && plural(found.length, "check")].filter(Boolean).join(" and ") + " found";
    mark(results.length > 0 ? 0 : -1);
  };

  input.addEventListener("input", () => void update());
  input.addEventListener("click", () => void update());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) void update();
      else mark((selected + (event.key === "ArrowDown" ? 1 : results.length - 1)) % results.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden) choose(results[selected]);
      else void update();
    } else if (event.key === "Escape" && !(list.hidden && noResults.hidden)) {
      // The first Escape closes the list; the second one clears the field, which the browser does.
      event.preventDefault();
      close();
    }
  });
  // Goes to the object of a pasted message at once, or opens its checks.
  input.addEventListener("paste", (event) => void paste(event.clipboardData?.getData("text/plain") ?? ""));

  async function paste(message: string): Promise<void> {
    const ids = MESSAGE.test(message) ? await app.engine.checksInMessage(message) : [];
    const target = targetIn(message, ids);
    if (!target && ids.length === 0) return;
    close();
    if (target) goTo(target, ids.length > 0);
    else void openCatalogue(app, ids);
  }

  function targetIn(message: string, checks: string[]): MessageTarget | null {
    return app.report ? targetOf(message, checks, app.report.documents, app.state.files) : null;
  }

  /** Selects the first finding of the target with its explanation, or its first line. */
  function goTo(target: MessageTarget, isMessage: boolean): void {
    const { document, findings: [first, ...others] } = target;
    const { start } = document.range;
    app.select(first?.range ?? { start, end: start }, document.file, true);
    const count = isMessage ? "finding of this message" : "finding";
    app.announce(
      first
        ? `${nameOf(target)}: ${plural(others.length + 1, count, count.replace("finding", "findings"))}${others.length > 0 ? ", the first one" : ""} in ${placeOf(document, first.range.start.line)}.`
        : `${nameOf(target)} has no ${count}.`,
    );
  }

  function resultsOf(target: MessageTarget): Result[] {
    const { document, findings } = target;
    const label = h("span", null, h("strong", null, `Go to ${nameOf(target)}`), h("span", { class: "muted" }, `, ${plural(findings.length, "finding")}`));
    return [
      { label, open: () => goTo(target, false) },
      ...findings.slice(0, MAX_FINDINGS).map(({ range, reason }) => ({
        label: h("span", null, h("span", { class: "muted" }, `${placeOf(document, range.start.line)}: `), reason),
        open: () => app.select(range, document.file, true),
      })),
    ];
  }

  const nameOf = ({ document: { kind, name } }: MessageTarget): string => `${kind} ${name}`.trim();

  function placeOf(document: MessageTarget["document"], line: number): string {
    const { files } = app.state;
    return files.length > 1 ? `${files[document.file]?.name}:${line}` : `line ${line}`;
  }
}

/** The checks that contain all words; those with a match outside their fields come first. */
function matching(checks: CheckInfo[], query: string): CheckInfo[] {
  const terms = query.toLowerCase().split(/\s+/);
  const has = (text: string): boolean => terms.every((term) => text.toLowerCase().includes(term));
  const fields = (check: CheckInfo): string => check.restrictions.flatMap((restriction) => restriction.fields).join(" ");
  const first = checks.filter((check) => has(`${check.id} ${check.title} ${check.reason}`));
  const others = checks.filter((check) => !first.includes(check) && has(`${check.id} ${check.title} ${check.reason} ${fields(check)}`));
  return [...first, ...others];
}
