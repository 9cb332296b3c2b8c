// Items: the findings and the diagnostics of a report, in one type for the editor and the list.

import type { Finding, Fix, Range } from "../engine/pkg/engine.js";
import type { DocumentReport } from "./app.ts";

export type Severity = "error" | "warning" | "info";

/** The label and the rank of each severity. Its icon has the same name. */
export const SEVERITIES: Record<Severity, { label: string; rank: number }> = {
  error: { label: "Error", rank: 2 },
  warning: { label: "Warning", rank: 1 },
  info: { label: "Advice", rank: 0 },
};

/** The more severe of two. */
export const maxSeverity = (a: Severity, b: Severity): Severity => (SEVERITIES[b].rank > SEVERITIES[a].rank ? b : a);

export interface Item {
  row: "item";
  document: DocumentReport;
  severity: Severity;
  title: string;
  range: Range;
  finding: Finding | null;
  fix: Fix | null;
  /** How to fix it; empty if that is unknown. */
  advice: string;
  /** Whether the rest of the document can be judged without its template actions. */
  isTemplate: boolean;
  /** Whether it is of an earlier report. */
  stale: boolean;
}

/** The reason why the findings of a document are those of an earlier report; null if they are current. */
export type Stale = "invalid" | "notEvaluated" | null;

/** An error for the mode enforce, a warning for warn, else advice. */
export function severityOf(finding: Finding): Severity {
  if (finding.modes.includes("enforce")) return "error";
  return finding.modes.includes("warn") ? "warning" : "info";
}

const items = new WeakMap<DocumentReport, { stale: Stale; items: readonly Item[] }>();

/** The items of a document: the same objects for the same document. */
export function itemsOfDocument(document: DocumentReport, stale: Stale = null): readonly Item[] {
  const known = items.get(document);
  if (known?.stale === stale) return known.items;
  const own: Item[] = [
    ...document.diagnostics.map((diagnostic): Item => ({
      row: "item",
      document,
      severity: diagnostic.severity,
      title: diagnostic.message,
      range: diagnostic.range,
      finding: null,
      fix: diagnostic.fix,
      advice: diagnostic.help ?? "",
      isTemplate: diagnostic.template,
      // The diagnostics of a document that cannot be parsed are current.
      stale: stale === "notEvaluated",
    })),
    ...document.findings.map((finding): Item => ({
      row: "item",
      document,
      severity: severityOf(finding),
      title: finding.reason,
      range: finding.range,
      finding,
      fix: finding.fix,
      advice: finding.advice,
      isTemplate: false,
      stale: stale !== null,
    })),
  ];
  items.set(document, { stale, items: own });
  return own;
}

/** The container that a finding is about, as its reason names it: `container "web"`; empty for the pod. */
export function containerOf({ finding }: Item): string {
  if (!finding || !/[cC]ontainers\[/.test(finding.path)) return "";
  const name = /^(?:.*?\b)?((?:init |ephemeral )?container) "([^"]+)"/i.exec(finding.reason);
  return name ? `${name[1]?.toLowerCase()} ${name[2]}` : (/\w*[cC]ontainers\[\d+\]/.exec(finding.path)?.[0] ?? "");
}

export const documentName = (document: DocumentReport): string =>
  [document.kind || (document.status === "invalid" ? "Invalid document" : "Document"), document.name].filter(Boolean).join(" ");
