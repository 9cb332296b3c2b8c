// The diff of two texts with context lines, and its table.

import { nextTask } from "../tasks.ts";
import { h } from "../ui.ts";

/** A line of a diff; `gap` stands for omitted equal lines. */
export interface DiffLine {
  kind: "same" | "added" | "removed" | "gap";
  /** Its line number in the first and in the second text; null if it is not there. */
  before: number | null;
  after: number | null;
  text: string;
}

/** The number of equal lines that are shown around a difference. */
const CONTEXT = 3;
/** After this number of equal lines the search restarts there, so that the time is linear for long texts. */
const ANCHOR = 40;
/** After this number of different lines the furthest path is taken, even if it is not the shortest. */
const MAX_EDITS = 300;

/** The diff of two texts. Line endings are ignored. */
export function diffLines(before: string, after: string): DiffLine[] {
  const parts = diffParts(before, after);
  for (;;) {
    const { done, value } = parts.next();
    if (done) return value;
  }
}

/** The time of a part of the diff in one task, in milliseconds. */
const BUDGET = 8;

/** As `diffLines`, in several tasks, so that none is long. */
export async function diffLinesInTasks(before: string, after: string): Promise<DiffLine[]> {
  const parts = diffParts(before, after);
  let start = performance.now();
  for (;;) {
    const { done, value } = parts.next();
    if (done) return value;
    if (performance.now() - start < BUDGET) continue;
    await nextTask();
    start = performance.now();
  }
}

/** Computes a diff; it can pause after each part. */
function* diffParts(before: string, after: string): Generator<undefined, DiffLine[]> {
  const [a, b] = [before, after].map((text) => text.split(/\r\n?|\n/)) as [string[], string[]];
  const all: DiffLine[] = [];
  let [x, y] = [0, 0];
  while (x < a.length || y < b.length) {
    // Equal lines, which are most of a text, need no search.
    for (; x < a.length && y < b.length && a[x] === b[y]; x += 1, y += 1) all.push({ kind: "same", before: x + 1, after: y + 1, text: a[x] as string });
    for (const kind of steps(a, b, x, y)) {
      const text = (kind === "added" ? b[y] : a[x]) ?? "";
      all.push({ kind, before: kind === "added" ? null : x + 1, after: kind === "removed" ? null : y + 1, text });
      if (kind !== "added") x += 1;
      if (kind !== "removed") y += 1;
    }
    yield;
  }
  return withGaps(all);
}

type Step = "same" | "added" | "removed";

/**
 * The shortest edit script from a position on, up to the end or to an anchor: Eugene Myers' algorithm.
 */
function steps(a: string[], b: string[], fromX: number, fromY: number): Step[] {
  const width = a.length - fromX;
  const height = b.length - fromY;
  // For each number of edits, the furthest x of each diagonal.
  const trace: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= MAX_EDITS; edits += 1) {
    trace.push(reached);
    reached = new Map(reached);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = isInsertion(trace[edits] as Map<number, number>, diagonal, edits);
      const start = (trace[edits]?.get(diagonal + (down ? 1 : -1)) ?? -1) + (down ? 0 : 1);
      let x = start;
      if (x < 0 || x > width || x - diagonal < 0 || x - diagonal > height) {
        reached.delete(diagonal);
        continue;
      }
      while (x < width && x - diagonal < height && a[fromX + x] === b[fromY + x - diagonal]) x += 1;
      reached.set(diagonal, x);
      const done = x === width && x - diagonal === height;
      if (done || x - start >= ANCHOR) return backtrace(trace, x, x - diagonal);
    }
  }
  // Only every second diagonal was updated in the last round.
  const ends = [...reached].filter(([diagonal]) => (diagonal - MAX_EDITS) % 2 === 0).map(([diagonal, x]) => ({ x, y: x - diagonal }));
  const { x, y } = ends.reduce((a, b) => (b.x + b.y > a.x + a.y ? b : a));
  return backtrace(trace, x, y);
}

/** Whether the best path to a diagonal ends with an added line, else with a removed one. */
function isInsertion(reached: Map<number, number>, diagonal: number, edits: number): boolean {
  if (Math.abs(diagonal) === edits) return diagonal === -edits;
  return (reached.get(diagonal - 1) ?? -1) < (reached.get(diagonal + 1) ?? -1);
}

/** The path to a position, reconstructed from its end. */
function backtrace(trace: Map<number, number>[], x: number, y: number): Step[] {
  const path: Step[] = [];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const diagonal = x - y;
    const down = isInsertion(trace[edits] as Map<number, number>, diagonal, edits);
    const before = trace[edits]?.get(diagonal + (down ? 1 : -1)) ?? 0;
    const start = edits === 0 ? 0 : before + (down ? 0 : 1);
    for (; x > start; x -= 1, y -= 1) path.push("same");
    if (edits === 0) break;
    path.push(down ? "added" : "removed");
    x = before;
    y = x - (diagonal + (down ? 1 : -1));
  }
  return path.reverse();
}

/** Replaces equal lines that are far from a difference with gaps. */
function withGaps(all: DiffLine[]): DiffLine[] {
  const near = new Uint8Array(all.length);
  all.forEach(({ kind }, at) => {
    if (kind !== "same") near.fill(1, Math.max(0, at - CONTEXT), at + CONTEXT + 1);
  });
  const lines: DiffLine[] = [];
  all.forEach((line, at) => {
    if (near[at]) lines.push(line);
    else if (lines.at(-1)?.kind !== "gap") lines.push({ kind: "gap", before: null, after: null, text: "" });
  });
  return lines;
}

const SIGNS = { same: " ", added: "+", removed: "\u2212", gap: "" };

/** Longer diffs are rendered in part: the lines in view, and this many before and after them. */
const OVERSCAN = 20;
const MAX_LINES = 3 * OVERSCAN;

const rowOf = ({ kind, before, after, text }: DiffLine): HTMLTableRowElement =>
  kind === "gap"
    ? h("tr", { class: "gap" }, h("td", { colspan: 4 }, "\u2026"))
    : h(
        "tr",
        { class: kind },
        h("td", { class: "number" }, before ?? ""),
        h("td", { class: "number" }, after ?? ""),
        h("td", { class: "sign" }, SIGNS[kind]),
        h("td", null, text),
      );

/** The table of a diff; signs have the same meaning as the colours. `signal` ends its listeners. */
export function diffTable(lines: DiffLine[], signal?: AbortSignal): HTMLElement {
  const body = h("tbody");
  const table = h(
    "table",
    { "aria-rowcount": lines.length + 1 },
    h(
      "thead",
      { class: "visually-hidden" },
      h("tr", { "aria-rowindex": 1 }, ["Line before", "Line after", "Change", "Text"].map((title) => h("th", { scope: "col" }, title))),
    ),
    body,
  );
  const element = h("div", { class: "diff", tabindex: 0, role: "region", "aria-label": "Changes" }, table);
  if (lines.length <= MAX_LINES) {
    body.append(...lines.map(rowOf));
    return element;
  }

  // As wide as the longest line, so that it does not change its width.
  table.style.minWidth = `calc(${lines.reduce((most, { text }) => Math.max(most, text.length), 0)}ch + 160px)`;
  const [above, below] = [h("tr", { class: "spacer" }, h("td", { colspan: 4 })), h("tr", { class: "spacer" }, h("td", { colspan: 4 }))];
  const rendered = new Map<number, HTMLTableRowElement>();
  let height = 0;
  function update(): void {
    const top = body.getBoundingClientRect().top;
    const [from, to] = height ? [Math.floor(-top / height) - OVERSCAN, Math.ceil((innerHeight - top) / height) + OVERSCAN] : [0, OVERSCAN];
    const first = Math.min(Math.max(from, 0), lines.length);
    const end = Math.max(Math.min(to, lines.length), first);
    for (const [at, row] of rendered) {
      if (at >= first && at < end) continue;
      row.remove();
      rendered.delete(at);
    }
    let before: Element = above;
    for (let at = first; at < end; at += 1) {
      let row = rendered.get(at);
      if (!row) {
        row = rowOf(lines[at] as DiffLine);
        row.ariaRowIndex = String(at + 2);
        rendered.set(at, row);
        before.after(row);
      }
      before = row;
    }
    (above.firstElementChild as HTMLElement).style.height = `${first * height}px`;
    (below.firstElementChild as HTMLElement).style.height = `${(lines.length - end) * height}px`;
    if (!height && element.isConnected) {
      // All lines have the same height, because they do not wrap.
      height = (body.getBoundingClientRect().height / rendered.size) || 0;
      if (height) update();
    }
  }
  body.append(above, below);
  let scheduled = 0;
  const schedule = (): void => {
    scheduled ||= requestAnimationFrame(() => {
      scheduled = 0;
      update();
    });
  };
  window.addEventListener("scroll", schedule, { capture: true, passive: true, signal });
  window.addEventListener("resize", schedule, { passive: true, signal });
  const observer = new ResizeObserver(schedule);
  observer.observe(element);
  update();
  return element;
}
