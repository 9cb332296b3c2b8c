// What there is to say about places of the text: findings and diagnostics, in one shape for the editor
// and the list.

import type { Diagnostic, DocumentReport, Finding, Range, Report } from "../core/pkg/core.js";

export type Grave = "error" | "warning" | "info";

/** How each severity is called. Its icon has the same name. */
export const SEVERITIES: Record<Grave, { word: string; rank: number }> = {
  error: { word: "Error", rank: 2 },
  warning: { word: "Warning", rank: 1 },
  info: { word: "Advice", rank: 0 },
};

/** The graver of two. */
export const graveOf = (a: Grave, b: Grave): Grave => (SEVERITIES[b].rank > SEVERITIES[a].rank ? b : a);

export interface Item {
  /** The place of its document in the report. */
  document: number;
  severity: Grave;
  title: string;
  range: Range;
  finding: Finding | null;
}

/** What only audit sees is advice, what is warned of is a warning, and what is rejected an error. */
export function severityOf(finding: Finding): Grave {
  if (finding.modes.includes("enforce")) return "error";
  return finding.modes.includes("warn") ? "warning" : "info";
}

export function itemOf(finding: Finding, document: number): Item {
  return { document, severity: severityOf(finding), title: finding.reason || finding.sentence, range: finding.range, finding };
}

export function itemOfDiagnostic(diagnostic: Diagnostic, document: number): Item {
  return { document, severity: diagnostic.severity, title: diagnostic.message, range: diagnostic.range, finding: null };
}

export function itemsOfDocument(document: DocumentReport, place: number): Item[] {
  return [
    ...document.diagnostics.map((diagnostic) => itemOfDiagnostic(diagnostic, place)),
    ...document.findings.map((finding) => itemOf(finding, place)),
  ];
}

export function itemsOf(report: Report): Item[] {
  return report.documents.flatMap(itemsOfDocument);
}
