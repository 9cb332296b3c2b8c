// The reports of the core as the page uses them. The core returns the reports on new documents only, with positions in the document;
// this file adds the others and the positions in the files. Unchanged documents stay the same objects.

import type { DocumentReport as OwnReport, FilesReport, Position, Range } from "../engine/pkg/engine.js";
import type { DocumentReport, Report } from "./app.ts";

/** A document in the last report. */
interface Kept {
  start: Position;
  /** With positions in the document. */
  own: readonly OwnReport[];
  /** With positions in the file. */
  placed: readonly DocumentReport[];
}

/** Returns a function that completes the reports of a core, which must get all of them in their order. */
export function createReportCompletion(): (report: FilesReport) => Omit<Report, "isComplete"> {
  /** The documents of the last report by their place. */
  let byPlace = new Map<string, Kept>();
  /** One of the documents of each id, which equal documents share. */
  let byId = new Map<number, Kept>();

  return ({ errors, warnings, documents, terminal }) => {
    // Nothing was evaluated.
    if (errors.length) return { errors, warnings, documents: [], terminal };
    const [nextByPlace, nextById] = [new Map<string, Kept>(), new Map<number, Kept>()];
    const all = documents.map(({ id, file, index, start, reports }) => {
      const place = `${id} ${file} ${index}`;
      const before = reports ? undefined : byPlace.get(place);
      // Not the offset, which each key changes for all documents below: the page uses lines and columns.
      const isSame = before?.start.line === start.line && before.start.column === start.column;
      const own = reports ?? (nextById.get(id) ?? byId.get(id))?.own;
      if (!own) throw new Error("The core returned a document without a report.");
      const kept = before && isSame ? before : { start, own, placed: own.map((report) => placed(report, file, index, start)) };
      nextByPlace.set(place, kept);
      nextById.set(id, kept);
      return kept.placed;
    });
    [byPlace, byId] = [nextByPlace, nextById];
    return { errors, warnings, documents: all.flat(), terminal };
  };
}

/** A report with positions in its file. Their offsets are those of the first report on the document at this line. */
function placed(report: OwnReport, file: number, index: number, start: Position): DocumentReport {
  const position = ({ line, column, offset }: Position): Position => ({
    line: line + start.line - 1,
    column: line === 1 ? column + start.column - 1 : column,
    offset: offset + start.offset,
  });
  const range = (own: Range): Range => ({ start: position(own.start), end: position(own.end) });
  const withRange = <T extends { range: Range }>(own: T): T => ({ ...own, range: range(own.range) });
  return {
    ...withRange(report),
    file,
    index,
    findings: report.findings.map((finding) => ({
      ...withRange(finding),
      fix: finding.fix && { ...finding.fix, edits: finding.fix.edits.map(withRange) },
    })),
    exempted: report.exempted.map(withRange),
    changes: report.changes.map(withRange),
    diagnostics: report.diagnostics.map(withRange),
  };
}
