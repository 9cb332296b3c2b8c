// The diff of the dialog Fix all: both texts can be reconstructed from it.
// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModule } from "./modules.mjs";

/** @type {typeof import("../src/dialogs/diff.ts")} */
const { diffLines } = await loadModule("dialogs/diff.ts");

/** @type {(lines: ReturnType<typeof diffLines>) => string[]} */
const brief = (lines) => lines.map(({ kind, before, after, text }) => (kind === "gap" ? "..." : `${{ same: " ", added: "+", removed: "-" }[kind]}${before ?? ""}/${after ?? ""} ${text}`));

test("a diff contains the different lines with context and line numbers", () => {
  const before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj";
  assert.deepEqual(brief(diffLines(before, before.replace("e\n", "x\r\ny\r\n").replace("j", "j\nk"))), [
    "...",
    " 2/2 b",
    " 3/3 c",
    " 4/4 d",
    "-5/ e",
    "+/5 x",
    "+/6 y",
    " 6/7 f",
    " 7/8 g",
    " 8/9 h",
    " 9/10 i",
    " 10/11 j",
    "+/12 k",
  ]);
  assert.deepEqual(brief(diffLines(before, before)), ["..."]);
  assert.deepEqual(brief(diffLines("", "a")), ["-1/ ", "+/1 a"]);
});

test("both texts can be reconstructed from a diff, which is computed fast", () => {
  // A fixed seed.
  let seed = 1;
  const random = (/** @type {number} */ below) => ((seed = (seed * 48271) % 2147483647), seed % below);
  const check = (/** @type {string[]} */ a, /** @type {string[]} */ b) => {
    const lines = diffLines(a.join("\n"), b.join("\n"));
    let [x, y] = [0, 0];
    lines.forEach((line, at) => {
      if (line.kind === "gap") {
        // Omitted lines are equal in both texts: up to the next line, or to the end.
        const next = lines[at + 1];
        const length = (next ? (next.before ?? 0) - 1 : a.length) - x;
        assert.deepEqual(a.slice(x, x + length), b.slice(y, y + length));
        [x, y] = [x + length, y + length];
        return;
      }
      if (line.kind !== "added") assert.deepEqual([line.before, line.text], [(x += 1), a[x - 1]]);
      if (line.kind !== "removed") assert.deepEqual([line.after, line.text], [(y += 1), b[y - 1]]);
    });
    assert.deepEqual([x, y], [a.length, b.length]);
    return lines.filter(({ kind }) => kind !== "same" && kind !== "gap").length;
  };
  for (let run = 0; run < 3000; run += 1) {
    const few = 1 + random(6);
    const text = () => Array.from({ length: 1 + random(14) }, () => "abcdef"[random(few)] ?? "");
    const [a, b] = [text(), text()];
    assert.equal(check(a, b), a.length + b.length - 2 * common(a, b), `the fewest lines for ${a} and ${b}`);
  }
  const long = Array.from({ length: 60_000 }, (_, at) => (at % 7 === 0 ? "same" : `line ${at}`));
  const fixed = long.flatMap((line, at) => (at % 50 === 0 ? [line, "securityContext:", "  more"] : [line]));
  const start = performance.now();
  assert.equal(check(long, fixed), 2400);
  assert.ok(performance.now() - start < 3000);
  assert.equal(check(Array(3000).fill("x"), Array(2500).fill("y")), 5500);
});

/**
 * The length of the longest common subsequence.
 * @param {string[]} a
 * @param {string[]} b
 */
function common(a, b) {
  let row = Array(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    b.forEach((other, at) => next.push(one === other ? row[at] + 1 : Math.max(row[at + 1], next[at] ?? 0)));
    row = next;
  }
  return row.at(-1);
}

test("a diff of many small changes does not remove unchanged lines", () => {
  const pod = (/** @type {number} */ at) => ["kind: Pod", "metadata:", `  name: web-${at}`, "spec:", "  containers:", "    - name: web", "---"];
  const before = Array.from({ length: 500 }, (_, at) => pod(at)).flat();
  const after = before.flatMap((line) => (line === "spec:" ? [line, "  securityContext:", "    runAsNonRoot: true"] : [line]));
  const lines = diffLines(before.join("\n"), after.join("\n"));
  assert.equal(lines.filter(({ kind }) => kind === "removed").length, 0);
  assert.equal(lines.filter(({ kind }) => kind === "added").length, 1000);
});
