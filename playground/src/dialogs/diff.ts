// The lines in which two texts differ, with a few of their neighbours, and a table of them.

import { h } from "../ui.ts";

/** A line of a difference; `gap` stands for lines that are the same and left out. */
export interface DiffLine {
  kind: "same" | "added" | "removed" | "gap";
  /** Its number in the first text, and in the second. */
  before: number | null;
  after: number | null;
  text: string;
}

/** How many lines that are the same are shown around those that differ. */
const NEIGHBOURS = 3;
/** After so many equal lines what comes before them is settled, so that long texts need no more time each. */
const ANCHOR = 40;
/** After so many lines that differ the way that has come furthest is taken, even if it is not the shortest. */
const MOST = 300;

/** What differs between two texts, line by line. Line ends do not count. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before, after].map((text) => text.split(/\r\n?|\n/)) as [string[], string[]];
  const all: DiffLine[] = [];
  let [x, y] = [0, 0];
  while (x < a.length || y < b.length) {
    for (const kind of steps(a, b, x, y)) {
      const text = (kind === "added" ? b[y] : a[x]) ?? "";
      all.push({ kind, before: kind === "added" ? null : x + 1, after: kind === "removed" ? null : y + 1, text });
      if (kind !== "added") x += 1;
      if (kind !== "removed") y += 1;
    }
  }
  return withGaps(all);
}

type Step = "same" | "added" | "removed";

/**
 * The fewest steps that lead from one text to the other, from a place on and some of the way: by the algorithm of
 * Eugene Myers.
 */
function steps(a: string[], b: string[], fromX: number, fromY: number): Step[] {
  const width = a.length - fromX;
  const height = b.length - fromY;
  // How far one comes along each diagonal, before each further line that differs.
  const trace: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= MOST; edits += 1) {
    trace.push(reached);
    reached = new Map(reached);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = comesDown(trace[edits] as Map<number, number>, diagonal, edits);
      const start = (trace[edits]?.get(diagonal + (down ? 1 : -1)) ?? -1) + (down ? 0 : 1);
      let x = start;
      if (x < 0 || x > width || x - diagonal < 0 || x - diagonal > height) {
        reached.delete(diagonal);
        continue;
      }
      while (x < width && x - diagonal < height && a[fromX + x] === b[fromY + x - diagonal]) x += 1;
      reached.set(diagonal, x);
      const done = x === width && x - diagonal === height;
      if (done || x - start >= ANCHOR) return back(trace, x, x - diagonal);
    }
  }
  // Of each second diagonal, what is remembered is from the line before.
  const ends = [...reached].filter(([diagonal]) => (diagonal - MOST) % 2 === 0).map(([diagonal, x]) => ({ x, y: x - diagonal }));
  const { x, y } = ends.reduce((a, b) => (b.x + b.y > a.x + a.y ? b : a));
  return back(trace, x, y);
}

/** Whether the best way to a diagonal adds a line, and does not remove one. */
function comesDown(reached: Map<number, number>, diagonal: number, edits: number): boolean {
  if (Math.abs(diagonal) === edits) return diagonal === -edits;
  return (reached.get(diagonal - 1) ?? -1) < (reached.get(diagonal + 1) ?? -1);
}

/** The way to a place, from its end. */
function back(trace: Map<number, number>[], x: number, y: number): Step[] {
  const way: Step[] = [];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const diagonal = x - y;
    const down = comesDown(trace[edits] as Map<number, number>, diagonal, edits);
    const before = trace[edits]?.get(diagonal + (down ? 1 : -1)) ?? 0;
    const start = edits === 0 ? 0 : before + (down ? 0 : 1);
    for (; x > start; x -= 1, y -= 1) way.push("same");
    if (edits === 0) break;
    way.push(down ? "added" : "removed");
    x = before;
    y = x - (diagonal + (down ? 1 : -1));
  }
  return way.reverse();
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
