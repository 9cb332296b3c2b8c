// The verdict: one sentence for all three modes, and a tile for each.

import type { DocumentReport, Effect, Mode, Report, Verdict } from "../core/pkg/core.js";
import { MODES } from "./choices.ts";
import { fill, h, icon, type IconName } from "./ui.ts";

export interface Outcome {
  icon: IconName;
  kind: "error" | "warning" | "info" | "ok" | "plain";
  /** A word or two: `Rejected`. */
  word: string;
  /** What that means. */
  sentence: string;
  /** The word in the sentence for all modes, where the word alone could be mistaken. */
  spoken?: string;
}

const MODE_NAMES: Record<Mode, string> = { enforce: "Enforce", warn: "Warn", audit: "Audit" };

const SATISFIED: Record<Mode, string> = { enforce: "Accepted", warn: "No warning", audit: "Nothing to record" };

const EFFECTS: Record<Exclude<Effect, "none">, (kind: string) => Outcome> = {
  rejected: (kind) => ({
    icon: "error",
    kind: "error",
    word: "Rejected",
    sentence: `The ${kind} is rejected.`,
  }),
  podsRejected: (kind) => ({
    icon: "error",
    kind: "error",
    word: "Pods rejected",
    sentence: `The ${kind} is accepted, and the pods that it makes are rejected.`,
  }),
  warned: () => ({ icon: "warning", kind: "warning", word: "Warned", sentence: "Whoever applies it sees a warning." }),
  audited: () => ({ icon: "info", kind: "info", word: "Recorded", sentence: "The audit log records the violation." }),
  suppressed: () => ({
    icon: "none",
    kind: "plain",
    word: "Not shown",
    sentence: "There is no warning, for the rejection says it already.",
    spoken: "violated, but not shown beside the rejection",
  }),
};

/** What a verdict means, in words. */
export function outcomeOf(verdict: Verdict, document: DocumentReport): Outcome {
  if (document.status === "exempt") {
    return { icon: "none", kind: "plain", word: "Exempt", sentence: exemptionOf(document) };
  }
  if (verdict.effect === "none") {
    return {
      icon: "ok",
      kind: "ok",
      word: SATISFIED[verdict.mode],
      sentence: verdict.level === "privileged" ? "The level privileged asks for nothing." : "Nothing is violated.",
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
  return by ? `It is exempt by its ${by}, and was not judged.` : "It is exempt, and was not judged.";
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const RANK = { plain: 0, ok: 1, info: 2, warning: 3, error: 4 } as const;

interface ModeSummary {
  mode: Mode;
  policy: string;
  outcome: Outcome;
  /** The tile's line. */
  words: string;
  /** The words of the sentence. */
  spoken: string;
  findings: number;
}

/** What one mode says of all documents that were judged. */
function summarise(mode: Mode, judged: readonly DocumentReport[]): ModeSummary | null {
  const pairs = judged.flatMap((document) =>
    document.verdicts.filter((verdict) => verdict.mode === mode).map((verdict) => ({ document, verdict })),
  );
  const first = pairs[0];
  if (!first) return null;
  const policies = new Set(pairs.map(({ verdict }) => verdict.policy));
  const outcomes = pairs.map(({ document, verdict }) => outcomeOf(verdict, document));
  const outcome = outcomes.reduce((a, b) => (RANK[b.kind] > RANK[a.kind] ? b : a));
  const count = outcomes.filter((own) => own.word === outcome.word).length;
  const sole = pairs.length === 1 || (count === pairs.length && outcome.kind === "ok");
  const say = (word: string): string => (sole ? word : `${count} of ${pairs.length}: ${lower(word)}`);
  return {
    mode,
    policy: policies.size === 1 ? first.verdict.policy : "several policies",
    outcome,
    words: say(outcome.word),
    spoken: say(outcome.spoken ?? outcome.word),
    findings: judged.reduce((sum, own) => sum + own.findings.filter((finding) => finding.modes.includes(mode)).length, 0),
  };
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** The verdict of all modes as one text. */
function sentenceOf(documents: readonly DocumentReport[], summaries: readonly ModeSummary[]): string {
  const parts = summaries.map(
    ({ mode, policy, spoken, findings }) =>
      `${MODE_NAMES[mode]} ${policy}: ${lower(spoken)}${findings ? `, ${plural(findings, "finding")}` : ""}.`,
  );
  const broken = documents.filter((own) => own.status === "invalid").length;
  if (broken) parts.unshift(`${plural(broken, "document")} cannot be read.`);
  const exempt = documents.filter((own) => own.status === "exempt").length;
  if (exempt) parts.push(`${plural(exempt, "document is", "documents are")} exempt and not judged.`);
  if (!summaries.length && !broken && !exempt) parts.push("There is no pod here to judge.");
  return parts.join(" ");
}

export interface Verdicts {
  /** Shows a report. Documents that are stale stand for ones that cannot be read now. */
  show(report: Report, shown: readonly DocumentReport[], stale: boolean): void;
  /** Says why there is nothing new to show; what is shown is from before. */
  hold(why: string): void;
}

export function mountVerdicts(host: HTMLElement): Verdicts {
  const sentence = h("p", { class: "summary", "aria-live": "polite", "aria-atomic": "true", id: "summary" }, "Loading…");
  const tiles = h("ul", { class: "tiles", "aria-label": "Verdict of each mode" });
  host.append(tiles, sentence);
  return {
    hold(why) {
      sentence.textContent = tiles.hidden || !tiles.childElementCount ? why : `${why} What you see is from before.`;
      tiles.classList.add("stale");
    },
    show(report, shown, stale) {
      const judged = shown.filter((own) => own.verdicts.length > 0);
      const summaries = MODES.map((mode) => summarise(mode, judged)).filter((own) => own !== null);
      const text = report.errors.length
        ? "The settings are not valid, so nothing was judged. What you see is from before."
        : sentenceOf(report.documents, summaries) + (stale ? " What you see of it is from before." : "");
      // Said anew only where it changed: readers of a screen should not hear every key.
      if (sentence.textContent !== text) sentence.textContent = text;
      tiles.hidden = !summaries.length;
      tiles.classList.toggle("stale", stale);
      fill(
        tiles,
        summaries.map(({ mode, policy, outcome, words }) =>
          h(
            "li",
            { class: `tile tile-${outcome.kind}`, title: outcome.sentence },
            h("span", { class: "tile-mode" }, `${MODE_NAMES[mode]} `, h("span", { class: "tile-policy" }, policy)),
            h("span", { class: "tile-word" }, icon(outcome.icon), words),
          ),
        ),
      );
    },
  };
}
