// The panel for migration: what the text contains of the time before the Pod Security Standards, and what to do with it. This file
// is loaded with the first such text.

import type { Inspection, Leftover, Note, Problem, Reference, SettingsReport } from "../../migrate/pkg/migrate.js";
import type { App, Range } from "../app.ts";
import { button, type Child, fill, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { choicesFor, type SettingsChoices, settingsChoicesOf } from "./choices.ts";
import { startMigration } from "./engine.ts";

/** The maximum of leftovers in the list, because it is rendered after each keystroke. */
const MAX_LEFTOVERS = 50;

export interface MigrationPanel {
  /** Shows what a text contains; nothing if it has nothing to migrate from. */
  show(text: string): void;
  /** Hides the panel. */
  hide(): void;
}

/** The last use of a configuration as settings. */
interface Use {
  reference: Reference;
  report: SettingsReport;
  /** The settings before; null if the configuration is invalid and they were not changed. */
  before: SettingsChoices | null;
}

export function mountMigration(host: HTMLElement, app: App): MigrationPanel {
  const engine = startMigration();
  let generation = 0;
  let text = "";
  let inspection: Inspection | null = null;
  let use: Use | null = null;
  let shown = "";

  const nameOf = ({ kind, name }: Reference): string => (name ? `${kind} ${name}` : kind);
  const isSame = (a: Reference, b: Reference): boolean => nameOf(a) === nameOf(b) && a.document === b.document;

  /** Shows a part of the list again, and moves the focus to a control of it. */
  function update(focus?: string): void {
    // Rendered only if it has changed: screen readers would announce it after each keystroke, and the focus would be lost.
    const next = JSON.stringify([inspection, use]);
    if (next !== shown) {
      shown = next;
      const entries = inspection ? [...inspection.configurations.map(configuration), leftovers(inspection.leftovers)] : [];
      const isEmpty = !inspection?.configurations.length && !inspection?.leftovers.length;
      fill(host, isEmpty ? null : [h("h2", {}, "Migration"), entries]);
    }
    if (focus) host.querySelector<HTMLElement>(focus)?.focus();
  }

  const lineButton = (range: Range): HTMLElement =>
    h("button", { type: "button", class: "link", onClick: () => app.select(range) }, `Line ${range.start.line}`);

  function configuration(reference: Reference, index: number): Child {
    const own = use && isSame(use.reference, reference) ? use : null;
    const name = nameOf(reference);
    return h(
      "section",
      { class: "migration-entry", "aria-label": name },
      h(
        "div",
        { class: "note note-info" },
        icon("policy"),
        h(
          "div",
          { class: "migration-body" },
          h("p", {}, lineButton(reference.range), " ", h("code", {}, reference.kind), reference.name ? [" ", h("strong", {}, reference.name)] : null),
          own?.report.description ? h("p", { class: "hint" }, own.report.description) : null,
          h(
            "div",
            { class: "buttons" },
            button("Use as settings", () => void useAsSettings(reference, index), {
              small: true,
              icon: "policy",
              name: `Use as settings: ${name}`,
              id: `migration-use-${index}`,
            }),
            own?.before ? button("Undo", () => undo(index), { small: true, name: `Undo: use as settings ${name}`, id: `migration-undo-${index}` }) : null,
          ),
        ),
      ),
      h("div", { role: "status" }, own ? outcome(own) : null),
    );
  }

  function outcome({ report: { problems, notes }, before }: Use): Child {
    if (!before) {
      return h(
        "div",
        { class: "note note-error" },
        icon("error"),
        h(
          "div",
          { class: "migration-body" },
          h("p", {}, "The settings are not changed, because an API server rejects the configuration:"),
          h("ul", {}, problems.map(({ range, message, help }: Problem) => h("li", {}, lineButton(range), ` ${message}`, help ? ` (${help})` : null))),
        ),
      );
    }
    const isWeaker = notes.some(({ effect }) => effect === "weaker");
    const kind = isWeaker ? "warning" : "ok";
    return h(
      "div",
      { class: `note note-${kind}` },
      icon(kind),
      h(
        "div",
        { class: "migration-body" },
        h("p", {}, notes.length ? "The page uses its settings. What differs:" : "The page uses its settings. Nothing is lost."),
        notes.length ? h("ul", {}, notes.map(note)) : null,
      ),
    );
  }

  const note = ({ effect, field, message }: Note): HTMLElement =>
    h("li", {}, effect === "note" ? null : h("strong", {}, `${effect === "weaker" ? "Weaker" : "Stricter"}: `), field ? [h("code", {}, field), ": "] : null, message);

  function leftovers(list: readonly Leftover[]): Child {
    if (!list.length) return null;
    return h(
      "section",
      { class: "migration-entry", "aria-label": "Leftovers of PodSecurityPolicies" },
      h("h3", {}, `${plural(list.length, "leftover")} of PodSecurityPolicies`),
      h(
        "ul",
        { class: "finding-list" },
        list.slice(0, MAX_LEFTOVERS).map(({ isPolicy, path, range, message, help }) => {
          const severity = isPolicy ? "error" : "warning";
          return h(
            "li",
            { class: `finding finding-${severity}` },
            h("p", { class: "finding-title" }, h("span", { class: `severity severity-${severity}` }, icon(severity), isPolicy ? "Error" : "Warning"), " ", message),
            h("p", { class: "finding-place" }, lineButton(range), " ", h("code", {}, path)),
            h("p", { class: "finding-advice" }, help),
          );
        }),
      ),
      list.length > MAX_LEFTOVERS ? h("p", { class: "hint" }, `${list.length - MAX_LEFTOVERS} more.`) : null,
    );
  }

  async function useAsSettings(reference: Reference, index: number): Promise<void> {
    const own = generation;
    const report = await engine.settings(text, reference.document, reference.name);
    if (own !== generation) return app.announce("The text has just changed. Please try again.");
    const settings: unknown = report.settings === null ? null : JSON.parse(report.settings);
    if (settings === null) {
      use = { reference, report, before: null };
      return update(`#migration-use-${index}`);
    }
    use = { reference, report, before: settingsChoicesOf(app.state.choices) };
    app.choose(choicesFor(settings as Record<string, unknown>));
    update(`#migration-undo-${index}`);
  }

  function undo(index: number): void {
    if (use?.before) app.choose(use.before);
    use = null;
    app.announce("The settings are those from before.");
    update(`#migration-use-${index}`);
  }

  function hide(): void {
    generation += 1;
    inspection = use = null;
    update();
  }

  return {
    hide,
    show(next) {
      if (next === text && inspection) return;
      generation += 1;
      const own = generation;
      text = next;
      engine.inspect(next).then(
        (result) => {
          // The result for an old text is dropped.
          if (own !== generation) return;
          inspection = result;
          if (use && !result.configurations.some((reference) => use && isSame(use.reference, reference))) use = null;
          update();
        },
        (error: unknown) => {
          if (own !== generation) return;
          hide();
          shown = "";
          text = "";
          const message = error instanceof Error ? error.message : String(error);
          const retry = (): void => this.show(next);
          fill(host, h("p", { class: "note note-error" }, icon("error"), h("span", {}, `${message} `, h("button", { type: "button", class: "link", onClick: retry }, "Try again"))));
        },
      );
    },
  };
}
