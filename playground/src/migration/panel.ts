// The panel for migration: what the text contains of the time before the Pod Security Standards, and what to do with it. This file
// is loaded with the first such text.

import type { Inspection, Leftover, Note, Problem, Reference } from "../../migrate/pkg/migrate.js";
import type { App, Range } from "../app.ts";
import { button, type Child, fill, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { choicesFor, type SettingsChoices, settingsChoicesOf } from "./choices.ts";
import { startMigration } from "./engine.ts";
import { openPlan } from "./plan.ts";

/** The maximum of leftovers in the list, because it is rendered after each keystroke. */
const MAX_LEFTOVERS = 50;

export interface MigrationPanel {
  /** Shows what a text contains; nothing if it has nothing to migrate from. */
  show(text: string): void;
  /** Hides the panel. */
  hide(): void;
}

/** The last use of a configuration or of a plan as settings. */
interface Use {
  /** The entry of the panel. */
  key: string;
  notes: readonly Note[];
  /** The errors, because of which the settings were not changed. */
  problems: readonly Problem[];
  /** The settings before; null if they were not changed. */
  before: SettingsChoices | null;
  /** The text. */
  text: string;
}

/** The key of the entry of PodSecurityPolicies. */
const POLICIES = "policies";

export function mountMigration(host: HTMLElement, app: App): MigrationPanel {
  const engine = startMigration();
  let generation = 0;
  let text = "";
  let inspection: Inspection | null = null;
  let use: Use | null = null;
  let shown = "";

  const nameOf = ({ kind, name }: Reference): string => (name ? `${kind} ${name}` : kind);
  const keyOf = (reference: Reference): string => `${reference.document} ${nameOf(reference)}`;
  const keysOf = (own: Inspection): string[] => [...own.configurations.map(keyOf), ...(own.policies ? [POLICIES] : [])];

  /** Shows the entries again if they have changed, and moves the focus to a control of an entry. */
  function update(focus?: { key: string; control: "use" | "undo" }): void {
    // Rendered only if it has changed: screen readers would announce it after each keystroke, and the focus would be lost.
    const next = JSON.stringify([inspection, use]);
    if (next !== shown) {
      shown = next;
      const active = document.activeElement?.closest<HTMLElement>("[data-control]")?.dataset.control;
      const isInside = host.contains(document.activeElement);
      fill(host, inspection && (keysOf(inspection).length || inspection.leftovers.length) ? content(inspection) : null);
      if (isInside && active) control(active)?.focus();
    }
    if (focus) control(`${focus.control} ${focus.key}`)?.focus();
  }

  const control = (name: string): HTMLElement | undefined =>
    [...host.querySelectorAll<HTMLElement>("[data-control]")].find((own) => own.dataset.control === name);

  function content({ configurations, policies: count, leftovers: list }: Inspection): Child {
    return [
      h("h2", {}, "Migration"),
      configurations.map((reference) =>
        entry(
          keyOf(reference),
          nameOf(reference),
          [lineButton(reference.range), " ", h("code", {}, reference.kind), reference.name ? [" ", h("strong", {}, reference.name)] : null],
          controlButton("Use as settings", keyOf(reference), nameOf(reference), () => void useConfiguration(reference)),
        ),
      ),
      count
        ? entry(
            POLICIES,
            "PodSecurityPolicies",
            [
              h("strong", {}, plural(count, "PodSecurityPolicy", "PodSecurityPolicies")),
              ": Kubernetes 1.25 removed the kind, and newer clusters reject it. The plan shows which levels take its place.",
            ],
            controlButton("Show the plan…", POLICIES, "PodSecurityPolicies", () => void showPlan()),
          )
        : null,
      leftovers(list),
    ];
  }

  /** A button, which gets the focus again after the panel is rendered. */
  function controlButton(label: string, key: string, subject: string, onClick: () => void, kind: "use" | "undo" = "use"): HTMLButtonElement {
    const own = button(label, onClick, { small: true, name: `${label.replace("…", "")}: ${subject}`, ...(kind === "use" ? { icon: "policy" } : {}) });
    own.dataset.control = `${kind} ${key}`;
    return own;
  }

  function entry(key: string, name: string, title: Child, action: HTMLElement): Child {
    const own = use?.key === key ? use : null;
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
          h("p", {}, title),
          h("div", { class: "buttons" }, action, own?.before ? controlButton("Undo", key, name, undo, "undo") : null),
        ),
      ),
      h("div", { role: "status" }, own ? outcome(own) : null),
    );
  }

  const lineButton = (range: Range): HTMLElement =>
    h("button", { type: "button", class: "link", onClick: () => app.select(range) }, `Line ${range.start.line}`);

  function outcome({ problems, notes, before }: Use): Child {
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
        h("p", {}, notes.length ? "The page uses these settings. What differs:" : "The page uses these settings."),
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
        list.slice(0, MAX_LEFTOVERS).map(({ path, range, message, help }) =>
          h(
            "li",
            { class: "finding finding-warning" },
            h("p", { class: "finding-title" }, h("span", { class: "severity severity-warning" }, icon("warning"), "Warning"), " ", message),
            h("p", { class: "finding-place" }, lineButton(range), " ", h("code", {}, path)),
            h("p", { class: "finding-advice" }, help),
          ),
        ),
      ),
      list.length > MAX_LEFTOVERS ? h("p", { class: "hint" }, `${list.length - MAX_LEFTOVERS} more.`) : null,
    );
  }

  /** Uses settings, which are JSON; null if they are invalid. */
  function take(key: string, settings: string | null, notes: readonly Note[], problems: readonly Problem[]): void {
    const before = settings === null ? null : settingsChoicesOf(app.state.choices);
    use = { key, notes, problems, before, text: app.text };
    if (settings !== null) app.choose(choicesFor(JSON.parse(settings) as Record<string, unknown>));
    update({ key, control: before ? "undo" : "use" });
  }

  /** The result of a call for the current text, which the panel may not show yet; undefined if it has changed meanwhile. */
  async function forText<T>(call: (text: string) => Promise<T>): Promise<T | undefined> {
    const current = app.text;
    const result = await call(current);
    if (current === app.text) return result;
    app.announce("The text has just changed. Please try again.");
    return undefined;
  }

  async function useConfiguration(reference: Reference): Promise<void> {
    const report = await forText((current) => engine.settings(current, reference.document, reference.name));
    if (report) take(keyOf(reference), report.settings, report.notes, report.problems);
  }

  async function showPlan(): Promise<void> {
    const plan = await forText(engine.plan);
    if (plan) openPlan(app, plan, () => take(POLICIES, plan.settings, [], []));
  }

  function undo(): void {
    if (!use?.before) return;
    const { key, before } = use;
    use = null;
    app.choose(before);
    app.announce("The settings are as before.");
    update({ key, control: "use" });
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
          // Errors are those of their text; the settings of an earlier version of an object remain in use.
          if (use && (!keysOf(result).includes(use.key) || (!use.before && use.text !== next))) use = null;
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
