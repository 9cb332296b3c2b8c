// The verdict: one sentence for all three modes, and a tile for each mode.

import type { Effect, Verdict } from "../engine/pkg/engine.js";
import type { DocumentReport, Mode, Report } from "./app.ts";
import { MODES } from "./choices.ts";
import { fill, h, icon, type IconName } from "./ui.ts";

export interface Outcome {
  icon: IconName;
  kind: "error" | "warning" | "info" | "ok" | "plain";
  /** One or two words, such as `Rejected`. */
  label: string;
  /** The meaning of the label. */
  sentence: string;
  /** The label in the sentence for all modes, if `label` alone would be ambiguous there. */
  longLabel?: string;
}

const MODE_NAMES: Record<Mode, string> = { enforce: "Enforce", warn: "Warn", audit: "Audit" };

const SATISFIED: Record<Mode, string> = { enforce: "Accepted", warn: "No warning", audit: "Nothing to record" };

const EFFECTS: Record<Exclude<Effect, "none">, (kind: string) => Outcome> = {
  rejected: (kind) => ({
    icon: "error",
    kind: "error",
    label: "Rejected",
    sentence: `The ${kind} is rejected.`,
  }),
  podsRejected: (kind) => ({
    icon: "error",
    kind: "error",
    label: "Pods rejected",
    sentence: `The ${kind} is accepted, and the pods that it creates are rejected.`,
  }),
  warned: () => ({ icon: "warning", kind: "warning", label: "Warned", sentence: "The user that applies it receives a warning." }),
  audited: () => ({ icon: "info", kind: "info", label: "Recorded", sentence: "The audit log records the violation." }),
  suppressed: () => ({
    icon: "none",
    kind: "plain",
    label: "Not shown",
    sentence: "There is no warning, because the message of the rejection contains the violation.",
    longLabel: "violated, but not shown in addition to the rejection",
  }),
};

/** The outcome of a verdict. */
export function outcomeOf(verdict: Verdict, document: DocumentReport): Outcome {
  if (document.status === "exempt") {
    return { icon: "none", kind: "plain", label: "Exempt", sentence: exemptionOf(document) };
  }
  if (verdict.effect === "none") {
    return {
      icon: "ok",
      kind: "ok",
      label: SATISFIED[verdict.mode],
      sentence: verdict.level === "privileged" ? "The level privileged has no restrictions." : "There is no violation.",
    };
  }
  return EFFECTS[verdict.effect](document.kind);
}

export function exemptionOf(document: DocumentReport): string {
  const by = {
    namespace: "namespace",
    user: "user",
    group: "user's group",
    runtimeClass: "runtime class",
    serviceAccount: "service account",
  }[document.exemption ?? ""];
  return by ? `It is exempt by its ${by}, and was not evaluated.` : "It is exempt, and was not evaluated.";
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const RANK = { plain: 0, ok: 1, info: 2, warning: 3, error: 4 } as const;

interface ModeSummary {
  mode: Mode;
  policy: string;
  outcome: Outcome;
  /** The text of the tile. */
  tileText: string;
  /** The text in the sentence. */
  sentenceText: string;
  findings: number;
}

/** The number of findings of each mode in a document, which is counted once. */
const counts = new WeakMap<DocumentReport, Record<Mode, number>>();

function countsOf(document: DocumentReport): Record<Mode, number> {
  const known = counts.get(document);
  if (known) return known;
  const own = { enforce: 0, audit: 0, warn: 0 };
  for (const { modes } of document.findings) for (const mode of modes) own[mode] += 1;
  counts.set(document, own);
  return own;
}

/** The summary of one mode for all evaluated documents; null without any. */
function summarise(mode: Mode, judged: readonly DocumentReport[]): ModeSummary | null {
  const pairs = judged.flatMap((document) =>
    document.verdicts.filter((verdict) => verdict.mode === mode).map((verdict) => ({ document, verdict })),
  );
  const first = pairs[0];
  if (!first) return null;
  const policies = new Set(pairs.map(({ verdict }) => verdict.policy));
  const outcomes = pairs.map(({ document, verdict }) => outcomeOf(verdict, document));
  const outcome = outcomes.reduce((a, b) => (RANK[b.kind] > RANK[a.kind] ? b : a));
  const count = outcomes.filter((own) => own.label === outcome.label).length;
  const sole = pairs.length === 1 || (count === pairs.length && outcome.kind === "ok");
  const text = (label: string): string => (sole ? label : `${count} of ${pairs.length}: ${lower(label)}`);
  return {
    mode,
    policy: policies.size === 1 ? first.verdict.policy : "several policies",
    outcome,
    tileText: text(outcome.label),
    sentenceText: text(outcome.longLabel ?? outcome.label),
    findings: judged.reduce((sum, own) => sum + countsOf(own)[mode], 0),
  };
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** The verdicts of all modes as one text. */
function sentenceOf(documents: readonly DocumentReport[], summaries: readonly ModeSummary[]): string {
  const parts = summaries.map(
    ({ mode, policy, sentenceText, findings }) =>
      `${MODE_NAMES[mode]} ${policy}: ${lower(sentenceText)}${findings ? `, ${plural(findings, "finding")}` : ""}.`,
  );
  // What has a kind can be parsed: Kubernetes rejects the object for a field or for the kind.
  const rejected = documents.filter((own) => own.status === "invalid" && own.kind !== "").length;
  if (rejected) parts.unshift(`${plural(rejected, "object is", "objects are")} invalid.`);
  const invalid = documents.filter((own) => own.status === "invalid" && own.kind === "").length;
  if (invalid) parts.unshift(`${plural(invalid, "document")} cannot be parsed.`);
  const exempt = documents.filter((own) => own.status === "exempt").length;
  if (exempt) parts.push(`${plural(exempt, "document is", "documents are")} exempt and not evaluated.`);
  if (!summaries.length && !rejected && !invalid && !exempt) parts.push("There is no pod to evaluate.");
  return parts.join(" ");
}

export interface Verdicts {
  /** Shows a report; `stale` if some documents are those of an earlier report. */
  show(report: Report, documents: readonly DocumentReport[], stale: boolean): void;
  /** Shows why there is no new verdict, and marks the tiles as stale. */
  showNotice(reason: string): void;
}

export function mountVerdicts(host: HTMLElement): Verdicts {
  const sentence = h("p", { class: "summary", "aria-live": "polite", "aria-atomic": "true", id: "summary" }, "Loading…");
  const tiles = h("ul", { class: "tiles", "aria-label": "Verdict of each mode" });
  host.append(tiles, sentence);
  let shownTiles = "";
  return {
    showNotice(reason) {
      sentence.textContent = tiles.hidden || !tiles.childElementCount ? reason : `${reason} The page shows earlier results.`;
      tiles.classList.add("stale");
    },
    show(report, documents, stale) {
      const judged = documents.filter((own) => own.verdicts.length > 0);
      const summaries = MODES.map((mode) => summarise(mode, judged)).filter((own) => own !== null);
      const text = report.errors.length
        ? `The settings are invalid, so nothing was evaluated.${stale ? " The page shows earlier results." : ""}`
        : sentenceOf(report.documents, summaries) + (stale ? " The page shows its earlier results." : "");
      // Set only if it has changed: screen readers would announce it after each keystroke.
      if (sentence.textContent !== text) sentence.textContent = text;
      tiles.hidden = !summaries.length;
      tiles.classList.toggle("stale", stale);
      const tileTexts = JSON.stringify(summaries.map(({ mode, policy, outcome, tileText }) => [mode, policy, outcome, tileText]));
      if (tileTexts === shownTiles) return;
      shownTiles = tileTexts;
      fill(
        tiles,
        summaries.map(({ mode, policy, outcome, tileText }) =>
          h(
            "li",
            { class: `tile tile-${outcome.kind}`, title: outcome.sentence },
            h("span", { class: "tile-mode" }, `${MODE_NAMES[mode]} `, h("span", { class: "tile-policy" }, policy)),
            h("span", { class: "tile-label" }, icon(outcome.icon), tileText),
          ),
        ),
      );
    },
  };
}
