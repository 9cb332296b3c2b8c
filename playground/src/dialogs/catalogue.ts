// The catalogue: every check with its fields, allowed values, reason and history.

import "./dialogs.css";
import type { App, CheckInfo } from "../app.ts";
import { button, dialog, field, fill, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { historyList } from "./descriptions.ts";

const LEVEL_DESCRIPTIONS = {
  baseline: "Baseline prevents known privilege escalations.",
  restricted: "Restricted requires hardening in addition.",
  privileged: "Privileged has no restrictions.",
};

/** Opens the catalogue, with the checks of `checkIds` expanded. */
export async function openCatalogue(app: App, checkIds: string[] = []): Promise<void> {
  const checks = await app.engine.checks();
  const entries = checks.map((check) => ({ check, text: searchTextOf(check), element: entry(check, checkIds.includes(check.id)) }));
  const selected = entries.filter(({ check }) => checkIds.includes(check.id));

  const list = h("div", { class: "levels" });
  const status = h("p", { class: "muted", role: "status" });
  const show = (query: string): void => {
    const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = entries.filter(({ text }) => terms.every((term) => text.includes(term)));
    const levels = (["baseline", "restricted"] as const).flatMap((level) => {
      const those = found.filter(({ check }) => check.level === level);
      if (those.length === 0) return [];
      return h(
        "section",
        null,
        h("h3", null, level === "baseline" ? "Baseline" : "Restricted"),
        h("p", { class: "hint" }, LEVEL_DESCRIPTIONS[level]),
        h("ul", { class: "checks" }, those.map(({ element }) => element)),
      );
    });
    fill(list, levels);
    status.textContent =
      found.length === 0
        ? "No check contains these words."
        : terms.length > 0
          ? plural(found.length, "check")
          : selected.length > 0
            ? `${plural(selected.length, "check")} of ${entries.length} opened`
            : `${entries.length} checks. A check of restricted can override one of baseline; then only the former reports findings.`;
  };

  const filter = h("input", { class: "input", type: "search", autocomplete: "off", spellcheck: "false" });
  filter.addEventListener("input", () => show(filter.value));
  show("");
  const first = selected[0]?.element.querySelector<HTMLElement>("summary") ?? undefined;
  dialog("The checks of the Pod Security Standards", [field("Find by name, field or value", filter), status, list], {
    wide: true,
    focus: first ?? filter,
    actions: [
      button("Open all", () => setAll(list, true), { kind: "borderless" }),
      button("Close all", () => setAll(list, false), { kind: "borderless" }),
    ],
  });
  first?.scrollIntoView({ block: "center" });
}

/** The text of a check that the filter searches, in lower case. */
export function searchTextOf(check: CheckInfo): string {
  const values = check.restrictions.flatMap(({ fields, allowed }) => [...fields, ...allowed.map(({ value }) => value)]);
  return [check.id, check.title, check.reason, ...check.otherNames, check.level, ...values].join(" ").toLowerCase();
}

function setAll(list: HTMLElement, open: boolean): void {
  for (const details of list.querySelectorAll("details")) details.open = open;
}

function entry(check: CheckInfo, selected: boolean): HTMLElement {
  const firstVersion = check.history[0]?.version;
  return h(
    "li",
    { "data-check": check.id },
    h(
      "details",
      { open: selected, class: selected ? "selected" : null },
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
            h("h4", null, "Allowed values"),
            h(
              "ul",
              { class: "values" },
              allowed.map(({ value, since }) =>
                h("li", null, h("code", { class: "boxed" }, value), since !== firstVersion && h("span", { class: "hint" }, ` since ${since}`)),
              ),
            ),
          ),
        ),
        part("History", historyList(check.history)),
        part("In messages of Kubernetes", h("p", null, h("code", null, check.reason))),
        check.overrides.length > 0 &&
          h(
            "p",
            { class: "note" },
            icon("info"),
            h("span", null, "At the level restricted it overrides ", check.overrides.map((id, at) => [at > 0 && ", ", h("code", null, id)]), "."),
          ),
        h("p", { class: "hint" }, "Source code in Kubernetes: ", h("code", null, check.source)),
      ),
    ),
  );
}

function part(title: string, ...body: HTMLElement[]): HTMLElement {
  return h("div", null, h("h4", null, title), body);
}
