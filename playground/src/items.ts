// Items: the findings and the diagnostics of a report, in one type for the editor and the list.

import type { Diagnostic, Finding, Range } from "../core/pkg/core.js";
import type { DocumentReport, Report } from "./app.ts";

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
  /** The index of its document in the report. */
  document: number;
  /** The index of its file. */
  file: number;
  severity: Severity;
  title: string;
  range: Range;
  finding: Finding | null;
}

/** An error for the mode enforce, a warning for warn, else advice. */
export function severityOf(finding: Finding): Severity {
  if (finding.modes.includes("enforce")) return "error";
  return finding.modes.includes("warn") ? "warning" : "info";
}

export function itemOf(finding: Finding, document: number, file: number): Item {
  return { document, file, severity: severityOf(finding), title: finding.reason || finding.sentence, range: finding.range, finding };
}

export function itemOfDiagnostic(diagnostic: Diagnostic, document: number, file: number): Item {
  return { document, file, severity: diagnostic.severity, title: diagnostic.message, range: diagnostic.range, finding: null };
}

export function itemsOfDocument(document: DocumentReport, place: number): Item[] {
  return [
    ...document.diagnostics.map((diagnostic) => itemOfDiagnostic(diagnostic, place, document.file)),
    ...document.findings.map((finding) => itemOf(finding, place, document.file)),
  ];
}

/** The items of one file. */
export function itemsOf(report: Report, file: number): Item[] {
  return report.documents.flatMap((document, place) => (document.file === file ? itemsOfDocument(document, place) : []));
}
