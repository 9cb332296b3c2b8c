// The comparison: the differences between two levels or versions, for the checks and for the manifests in the editor.

import "./dialogs.css";
import type { ChangeInfo } from "../../engine/pkg/engine.js";
import type { App, Comparison, Range, Target } from "../app.ts";
import { LEVELS } from "../choices.ts";
import { button, chip, dialog, field, fill, h, icon, select } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { documentName, historyBetween, historyList } from "./descriptions.ts";

type Change = Comparison["documents"][number];

const CHANGES = {
  added: { label: "Added", kind: "warning" },
  removed: { label: "Removed", kind: "ok" },
  changed: { label: "Changed", kind: "info" },
} as const;

/** Opens the comparison. */
export async function openComparison(app: App): Promise<void> {
  const [versions, catalogue] = await Promise.all([app.engine.versions(), app.engine.checks()]);
  const { files, choices } = app.state;
  const { from, to } = defaults(choices.enforce);
  const results = h("div", { class: "results", role: "status" });
  // The range to select after the dialog is closed, because closing it restores the focus.
  let target: { range: Range; file: number } | null = null;
  const jump = (range: Range, file: number): void => {
    target = { range, file };
    opened.close();
  };

  const historyOf = (id: string): ChangeInfo[] => {
    const check = catalogue.find((own) => own.id === id);
    return check ? historyBetween(check.history, from.version, to.version) : [];
  };

  let lastRequest = 0;
  const update = async (): Promise<void> => {
    lastRequest += 1;
    const request = lastRequest;
    const comparison = await app.engine.compare(files, from, to);
    // Only the result of the last request is shown.
    if (request === lastRequest) fill(results, show(app, comparison, from, to, jump, historyOf));
  };
  const onChange = (): void => void update();

  const first = targetFields("From", from, versions, onChange);
  const opened = dialog(
    "Compare levels and versions",
    [h("div", { class: "from-to" }, first, targetFields("To", to, versions, onChange)), results],
    {
      wide: true,
      focus: first.querySelector("select") ?? undefined,
      onClose: () => {
        if (target !== null) app.select(target.range, target.file);
      },
    },
  );
  await update();
}

/** From the enforce policy to the next level; from restricted to the latest version, else from baseline to restricted. */
function defaults(enforced: Target): { from: Target; to: Target } {
  const { level, version } = enforced;
  if (level === "privileged") return { from: { level, version }, to: { level: "baseline", version } };
  if (level === "baseline") return { from: { level, version }, to: { level: "restricted", version } };
  if (version !== "latest") return { from: { level, version }, to: { level, version: "latest" } };
  return { from: { level: "baseline", version }, to: { level, version } };
}

/** The lists for the level and the version of a target, which they change. */
function targetFields(title: string, target: Target, versions: string[], onChange: () => void): HTMLElement {
  return h(
    "fieldset",
    null,
    h("legend", null, title),
    field("Level", select(LEVELS, target.level, (level) => ((target.level = level), onChange()))),
    field("Version", select(versions, target.version, (version) => ((target.version = version), onChange()))),
  );
}

function show(app: App, comparison: Comparison, from: Target, to: Target, jump: (range: Range, file: number) => void, historyOf: (check: string) => ChangeInfo[]): HTMLElement[] {
  const { errors, checks, documents } = comparison;
  if (errors.length > 0) {
    return errors.map(({ message }) => h("p", { class: "note note-error" }, icon("error"), message));
  }
  const appear = documents.reduce((sum, document) => sum + document.appear.length, 0);
  const disappear = documents.reduce((sum, document) => sum + document.disappear.length, 0);
  const prefix = `From ${from.level}:${from.version} to ${to.level}:${to.version}: `;
  const [kind, result] =
    appear + disappear === 0
      ? (["info", "no difference for these manifests."] as const)
      : ([appear > 0 ? "warning" : "ok", `${plural(appear, "new finding")}, ${plural(disappear, "finding")} resolved.`] as const);
  return [
    h("p", { class: `note note-${kind}` }, icon(kind), h("span", null, prefix + result)),
    ...documents.map((document) =>
      h(
        "section",
        null,
        h("h3", null, documentName(document)),
        h("ul", { class: "changes" }, [
          document.appear.map((finding) => change(app, finding, "New", "error", (range) => jump(range, document.file))),
          document.disappear.map((finding) => change(app, finding, "Resolved", "ok", (range) => jump(range, document.file))),
        ]),
      ),
    ),
    h(
      "section",
      null,
      h("h3", null, checks.length === 0 ? "No check changes" : `${plural(checks.length, "check")} ${checks.length === 1 ? "changes" : "change"}`),
      h(
        "ul",
        { class: "changes" },
        checks.map(({ check, kind }) => {
          const history = historyOf(check);
          return h(
            "li",
            null,
            h("div", { class: "row" }, chip(CHANGES[kind].label, CHANGES[kind].kind), checkLink(app, check)),
            history.length > 0 && historyList(history),
          );
        }),
      ),
    ),
  ];
}

function change(
  app: App,
  finding: Change["appear"][number],
  label: string,
  kind: "error" | "ok",
  jump: (range: Range) => void,
): HTMLElement {
  const line = `Line ${finding.range.start.line}`;
  return h(
    "li",
    null,
    h(
      "div",
      { class: "row" },
      chip(label, kind),
      checkLink(app, finding.check),
      button(line, () => jump(finding.range), { small: true, icon: "jump", name: `${line}: ${finding.path}` }),
    ),
    h("p", null, finding.reason),
    h("p", { class: "hint code" }, finding.path),
  );
}

function checkLink(app: App, id: string): HTMLElement {
  return h("button", { type: "button", class: "link code", onClick: () => app.openCheck(id) }, id);
}
