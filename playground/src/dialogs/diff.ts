// The lines in which two texts differ, with a few of their neighbours, and a table of them.

import { Chunk } from "@codemirror/merge";
import { Text } from "@codemirror/state";
import { h } from "../ui.ts";

/** A line of a difference; `gap` stands for lines that are the same and left out. */
export interface DiffLine {
  kind: "same" | "added" | "removed" | "gap";
  /** Its number in the first text, and in the second. */
  before: number | null;
  after: number | null;
  text: string;
}

const NEIGHBOURS = 3;

/** What differs between two texts, line by line. Line ends do not count. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = Text.of(before.split(/\r\n?|\n/));
  const b = Text.of(after.split(/\r\n?|\n/));
  const all: DiffLine[] = [];
  let [atA, atB] = [1, 1];
  /** @param endA the line of the first text before which to stop */
  const same = (endA: number): void => {
    for (; atA < endA; atA += 1, atB += 1) all.push({ kind: "same", before: atA, after: atB, text: a.line(atA).text });
  };
  for (const chunk of Chunk.build(a, b)) {
    // Chunks are whole lines, and end behind the line's end, which may be behind the text's.
    const [startA, endA] = [a.lineAt(chunk.fromA).number, chunk.toA > a.length ? a.lines + 1 : a.lineAt(chunk.toA).number];
    const endB = chunk.toB > b.length ? b.lines + 1 : b.lineAt(chunk.toB).number;
    same(startA);
    for (; atA < endA; atA += 1) all.push({ kind: "removed", before: atA, after: null, text: a.line(atA).text });
    for (; atB < endB; atB += 1) all.push({ kind: "added", before: null, after: atB, text: b.line(atB).text });
  }
  same(a.lines + 1);
  return withGaps(all);
}

/** Leaves out lines that are far from any that differ. */
function withGaps(all: DiffLine[]): DiffLine[] {
  const near = new Uint8Array(all.length);
  all.forEach(({ kind }, at) => {
    if (kind !== "same") near.fill(1, Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1);
  });
  const lines: DiffLine[] = [];
  all.forEach((line, at) => {
    if (near[at]) lines.push(line);
    else if (lines.at(-1)?.kind !== "gap") lines.push({ kind: "gap", before: null, after: null, text: "" });
  });
  return lines;
}

const SIGNS = { same: " ", added: "+", removed: "\u2212", gap: "" };

/** The table; signs say what colours say. */
export function diffTable(lines: DiffLine[]): HTMLElement {
  return h(
    "div",
    { class: "diff", tabindex: 0, role: "region", "aria-label": "What changes" },
    h(
      "table",
      null,
      h(
        "thead",
        { class: "visually-hidden" },
        h("tr", null, ["Line before", "Line after", "Change", "Text"].map((title) => h("th", { scope: "col" }, title))),
      ),
      h(
        "tbody",
        null,
        lines.map(({ kind, before, after, text }) =>
          kind === "gap"
            ? h("tr", { class: "gap" }, h("td", { colspan: 4 }, "\u2026"))
            : h(
                "tr",
                { class: kind },
                h("td", { class: "number" }, before ?? ""),
                h("td", { class: "number" }, after ?? ""),
                h("td", { class: "sign" }, SIGNS[kind]),
                h("td", null, text),
              ),
        ),
      ),
    ),
  );
}
