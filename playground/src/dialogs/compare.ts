// The comparison: what changes when one moves to another level or version, for the checks and for the
// manifests at hand.

import "./dialogs.css";
import type { ChangeInfo } from "../../core/pkg/core.js";
import type { App, Comparison, Range, Target } from "../app.ts";
import { LEVELS } from "../choices.ts";
import { button, chip, dialog, fill, h, icon, labelled, select } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { documentName, historyBetween, historyList } from "./words.ts";

type Change = Comparison["documents"][number];

const KINDS = {
  added: { word: "Added", kind: "warning" },
  removed: { word: "Not asked for", kind: "ok" },
  changed: { word: "Changed", kind: "info" },
} as const;

/** Opens it. */
export async function openCompare(app: App): Promise<void> {
  const [versions, catalogue] = await Promise.all([app.engine.versions(), app.engine.checks()]);
  const { text, choices } = app.state;
  const { from, to } = defaults(choices.enforce);
  const results = h("div", { class: "results", role: "status" });
  // Where to go in the text once the dialog is closed: it takes the focus back first.
  let goTo: Range | null = null;
  const jump = (range: Range): void => {
    goTo = range;
    opened.close();
  };

  const historyOf = (id: string): ChangeInfo[] => {
    const check = catalogue.find((own) => own.id === id);
    return check ? historyBetween(check.history, from.version, to.version) : [];
  };

  let asked = 0;
  const update = async (): Promise<void> => {
    asked += 1;
    const mine = asked;
    const comparison = await app.engine.compare(text, from, to);
    // Answers may come late; only the last question counts.
    if (mine === asked) fill(results, show(app, comparison, from, to, jump, historyOf));
  };
  const changed = (): void => void update();

  const first = targetFields("From", from, versions, changed);
  const opened = dialog(
    "Compare levels and versions",
    [h("div", { class: "from-to" }, first, targetFields("To", to, versions, changed)), results],
    {
      wide: true,
      focus: first.querySelector("select") ?? undefined,
      onClose: () => {
        if (goTo !== null) app.select(goTo);
      },
    },
  );
  await update();
}

/** From what is enforced, one step up; if there is none, what the last step brought. */
function defaults(enforced: Target): { from: Target; to: Target } {
  const { level, version } = enforced;
  if (level === "privileged") return { from: { level, version }, to: { level: "baseline", version } };
  if (level === "baseline") return { from: { level, version }, to: { level: "restricted", version } };
  if (version !== "latest") return { from: { level, version }, to: { level, version: "latest" } };
  return { from: { level: "baseline", version }, to: { level, version } };
}

/** The two lists that choose a target; they write into it. */
function targetFields(title: string, target: Target, versions: string[], changed: () => void): HTMLElement {
  return h(
    "fieldset",
    null,
    h("legend", null, title),
    labelled("Level", select(LEVELS, target.level, (level) => ((target.level = level), changed()))),
    labelled("Version", select(versions, target.version, (version) => ((target.version = version), changed()))),
  );
}

function show(app: App, comparison: Comparison, from: Target, to: Target, jump: (range: Range) => void, historyOf: (check: string) => ChangeInfo[]): HTMLElement[] {
  const { errors: mistakes, checks, documents } = comparison;
  if (mistakes.length > 0) {
    return mistakes.map(({ message }) => h("p", { class: "note note-error" }, icon("error"), message));
  }
  const appear = documents.reduce((sum, document) => sum + document.appear.length, 0);
  const disappear = documents.reduce((sum, document) => sum + document.disappear.length, 0);
  const move = `From ${from.level}:${from.version} to ${to.level}:${to.version}: `;
  const [kind, words] =
    appear + disappear === 0
      ? (["info", "nothing changes for these manifests."] as const)
      : ([appear > 0 ? "warning" : "ok", `${plural(appear, "new finding")}, ${plural(disappear, "finding")} gone.`] as const);
  return [
    h("p", { class: `note note-${kind}` }, icon(kind), h("span", null, move + words)),
    ...documents.map((document) =>
      h(
        "section",
        null,
        h("h3", null, documentName(document)),
        h("ul", { class: "changes" }, [
          document.appear.map((finding) => change(app, finding, "New", "error", jump)),
          document.disappear.map((finding) => change(app, finding, "Gone", "ok", jump)),
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
            h("div", { class: "row" }, chip(KINDS[kind].word, KINDS[kind].kind), checkLink(app, check)),
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
  word: string,
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
      chip(word, kind),
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
