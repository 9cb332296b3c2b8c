// The catalogue: every check with what it reads, what it allows, why it is there and how it changed.

import "./dialogs.css";
import type { App, CheckInfo } from "../app.ts";
import { button, dialog, fill, h, icon, labelled } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { historyList } from "./words.ts";

const LEVEL_WORDS = {
  baseline: "Baseline closes the known ways to gain privileges.",
  restricted: "Restricted demands hardening beyond that.",
  privileged: "Privileged asks for nothing.",
};

/** Opens it, at these checks if any are given. */
export async function openCatalogue(app: App, checkIds: string[] = []): Promise<void> {
  const checks = await app.engine.checks();
  const entries = checks.map((check) => ({ check, words: wordsOf(check), element: entry(check, checkIds.includes(check.id)) }));
  const asked = entries.filter(({ check }) => checkIds.includes(check.id));

  const list = h("div", { class: "levels" });
  const status = h("p", { class: "muted", role: "status" });
  const show = (query: string): void => {
    const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = entries.filter(({ words }) => terms.every((term) => words.includes(term)));
    const levels = (["baseline", "restricted"] as const).flatMap((level) => {
      const those = found.filter(({ check }) => check.level === level);
      if (those.length === 0) return [];
      return h(
        "section",
        null,
        h("h3", null, level === "baseline" ? "Baseline" : "Restricted"),
        h("p", { class: "hint" }, LEVEL_WORDS[level]),
        h("ul", { class: "checks" }, those.map(({ element }) => element)),
      );
    });
    fill(list, levels);
    status.textContent =
      found.length === 0
        ? "No check has these words."
        : terms.length > 0
          ? plural(found.length, "check")
          : asked.length > 0
            ? `${plural(asked.length, "check")} opened of ${entries.length}`
            : `${entries.length} checks. Where restricted has a check of its own for the same thing, only that one speaks.`;
  };

  const filter = h("input", { class: "input", type: "search", autocomplete: "off", spellcheck: "false" });
  filter.addEventListener("input", () => show(filter.value));
  show("");
  const first = asked[0]?.element.querySelector<HTMLElement>("summary") ?? undefined;
  dialog("The checks of the Pod Security Standards", [labelled("Find by name, field or value", filter), status, list], {
    wide: true,
    focus: first ?? filter,
    actions: [
      button("Open all", () => setAll(list, true), { kind: "quiet" }),
      button("Close all", () => setAll(list, false), { kind: "quiet" }),
    ],
  });
  first?.scrollIntoView({ block: "center" });
}

/** All that a check can be found by. */
export function wordsOf(check: CheckInfo): string {
  const values = check.restrictions.flatMap(({ fields, allowed }) => [...fields, ...allowed.map(({ value }) => value)]);
  return [check.id, check.title, check.reason, check.level, ...values].join(" ").toLowerCase();
}

function setAll(list: HTMLElement, open: boolean): void {
  for (const details of list.querySelectorAll("details")) details.open = open;
}

function entry(check: CheckInfo, asked: boolean): HTMLElement {
  const began = check.history[0]?.version;
  return h(
    "li",
    { "data-check": check.id },
    h(
      "details",
      { open: asked, class: asked ? "asked" : null },
      h("summary", null, h("strong", { class: "code" }, check.id), h("span", { class: "muted" }, check.title)),
      h(
        "div",
        { class: "check-body" },
        part("Why", h("p", null, check.why)),
        part("What to do", h("p", null, check.advice)),
        check.restrictions.map(({ fields, allowed }) =>
          part(
            fields.length === 1 ? "Field" : "Fields",
            h("ul", null, fields.map((field) => h("li", null, h("code", null, field)))),
            h("h4", null, "May hold"),
            h(
              "ul",
              { class: "values" },
              allowed.map(({ value, since }) =>
                h("li", null, h("code", { class: "boxed" }, value), since !== began && h("span", { class: "hint" }, ` since ${since}`)),
              ),
            ),
          ),
        ),
        part("History", historyList(check.history)),
        part("Kubernetes' messages call it", h("p", null, h("code", null, check.reason))),
        check.overrides.length > 0 &&
          h(
            "p",
            { class: "note" },
            icon("info"),
            h("span", null, "At the level restricted it takes the place of ", check.overrides.map((id, at) => [at > 0 && ", ", h("code", null, id)]), "."),
          ),
        h("p", { class: "hint" }, "Kubernetes' own source of it: ", h("code", null, check.source)),
      ),
    ),
  );
}

function part(title: string, ...body: HTMLElement[]): HTMLElement {
  return h("div", null, h("h4", null, title), body);
}
