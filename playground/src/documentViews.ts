// The documents that the page shows: those of the report, and for a document that cannot be parsed the findings of its last valid
// version, if the text is still that of the same object.

import type { Range } from "../engine/pkg/engine.js";
import type { DocumentReport, ManifestFile, Report } from "./app.ts";
import { diffLines } from "./dialogs/diff.ts";
import type { DocumentView } from "./findings.ts";

export interface View extends DocumentView {
  /** The earlier report whose findings are shown; null if they are current. */
  previous: DocumentReport | null;
}

/** A valid document with the file that it was in. */
interface ValidDocument {
  document: DocumentReport;
  file: ManifestFile;
}

/** The maximum of documents that an invalid one is compared with. */
const MAX_CANDIDATES = 50;

const textOf = ({ text }: ManifestFile, { start, end }: Range): string => text.slice(start.offset, end.offset);
const linesOf = (text: string): string[] => text.split(/\r\n?|\n/);
const identityOf = ({ kind, namespace, name }: DocumentReport): string => [kind, namespace, name].join("\n");

/** The part of the lines of a text that are in another one too, without empty lines. */
export function similarity(before: string, after: string): number {
  const counts = new Map<string, number>();
  for (const line of linesOf(after)) counts.set(line.trimEnd(), (counts.get(line.trimEnd()) ?? 0) + 1);
  let all = 0;
  let common = 0;
  for (const line of linesOf(before)) {
    const own = line.trimEnd();
    if (!own) continue;
    all += 1;
    const count = counts.get(own) ?? 0;
    if (count > 0) common += 1;
    counts.set(own, count - 1);
  }
  return all ? common / all : 0;
}

/** Whether an invalid document can be a version of another one, by what is known of it. */
function canBe(document: DocumentReport, text: string, before: DocumentReport): boolean {
  if (document.kind) return document.kind === before.kind && (!document.name || (document.name === before.name && document.namespace === before.namespace));
  const kind = /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1];
  return !kind || kind === before.kind;
}

/** Moves the lines of ranges in an earlier version to those in the current one. The versions begin at lines of their files. */
function mover(before: string, after: string, from: number, to: number): (range: Range) => Range {
  const same = diffLines(before, after).filter(({ kind }) => kind === "same");
  const last = linesOf(after).length;
  const line = (own: number): number => {
    const at = own - from + 1;
    const near = same.findLast((other) => (other.before ?? 0) <= at);
    return to - 1 + Math.min(at + (near?.after ?? 0) - (near?.before ?? 0), last);
  };
  return ({ start, end }) => ({ start: { ...start, line: line(start.line) }, end: { ...end, line: line(end.line) } });
}

export interface DocumentViews {
  /** The views of a report on files, in the order of its documents. */
  update(report: Report, files: readonly ManifestFile[]): View[];
  /** The last views if nothing was evaluated: those of documents that are still in the files. */
  unevaluated(files: readonly ManifestFile[]): View[];
}

export function createDocumentViews(): DocumentViews {
  let views: View[] = [];
  /** The last valid version of each document, without those that were removed. */
  let valid: ValidDocument[] = [];

  /** The documents of the last report that are not in this one. */
  function missing(report: Report, files: readonly ManifestFile[]): ValidDocument[] {
    const rest = new Map<string, ValidDocument[]>();
    for (const own of valid) {
      const key = identityOf(own.document);
      rest.set(key, [...(rest.get(key) ?? []), own]);
    }
    for (const document of report.documents) {
      const same = document.status === "invalid" ? undefined : rest.get(identityOf(document));
      if (!same?.length) continue;
      const name = files[document.file]?.name;
      same.splice(Math.max(0, same.findIndex(({ file }) => file.name === name)), 1);
    }
    return [...rest.values()].flat();
  }

  return {
    update(report, files) {
      const rest = report.documents.some(({ status }) => status === "invalid") ? missing(report, files) : [];
      const next: ValidDocument[] = [];
      views = report.documents.map((document): View => {
        const file = files[document.file] as ManifestFile;
        if (document.status !== "invalid") {
          if (document.status !== "empty") next.push({ document, file });
          return { document, stale: null, previous: null };
        }
        const text = textOf(file, document.range);
        const candidates = rest
          .filter((own) => rest.length <= MAX_CANDIDATES || (own.file.name === file.name && own.document.index === document.index))
          .filter((own) => canBe(document, text, own.document))
          .map((own) => ({ own, value: similarity(textOf(own.file, own.document.range), text) }))
          .sort((a, b) => b.value - a.value);
        const best = candidates[0];
        if (!best || best.value < 0.5) return { document, stale: null, previous: null };
        const { own } = best;
        rest.splice(rest.indexOf(own), 1);
        next.push(own);
        const previous = own.document;
        const moved = mover(textOf(own.file, previous.range), text, previous.range.start.line, document.range.start.line);
        const withRange = <T extends { range: Range }>(item: T): T => ({ ...item, range: moved(item.range) });
        const { range, index, item, diagnostics } = document;
        return {
          // The current diagnostics with the previous findings.
          document: {
            ...previous,
            file: document.file,
            index,
            item,
            range,
            diagnostics,
            status: "invalid",
            findings: previous.findings.map(withRange),
            exempted: previous.exempted.map(withRange),
            changes: previous.changes.map(withRange),
          },
          stale: "invalid",
          previous,
        };
      });
      valid = next;
      return views;
    },
    unevaluated: (files) =>
      views.filter(({ document, previous }) => {
        const source = previous ?? document;
        const before = valid.find((own) => own.document === source);
        return before && files.some(({ name, text }) => name === before.file.name && (text === before.file.text || similarity(textOf(before.file, source.range), text) >= 0.5));
      }),
  };
}
