// Weighs what a browser loads: `node scripts/weigh.mjs [DIRECTORY]` compresses every built file as a web
// server would, prints a table, and fails if the page is heavier than its budget.
// @ts-check

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/**
 * Bytes after gzip -9, of all files of a kind together. The service worker and the Web Worker are JavaScript too.
 */
const BUDGETS = [
  { kind: "WebAssembly", suffix: ".wasm", budget: 180_000 },
  { kind: "JavaScript", suffix: ".js", budget: 150_000 },
];

const directory = process.argv[2] ?? fileURLToPath(new URL("../dist", import.meta.url));

/** @type {{ name: string, raw: number, packed: number }[]} */
const files = [];
try {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = readFileSync(path);
    files.push({ name: relative(directory, path), raw: bytes.length, packed: gzipSync(bytes, { level: 9 }).length });
  }
} catch {
  console.error(`weigh: ${directory} cannot be read: build it with \`make playground\` first.`);
  process.exit(1);
}

/** @type {(bytes: number) => string} */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
/** @type {(name: string, raw: number, packed: number, budget?: number) => void} */
const row = (name, raw, packed, budget) => {
  const limit = budget === undefined ? "" : kilobytes(budget).padStart(12);
  const verdict = budget === undefined ? "" : packed <= budget ? "  ok" : "  TOO HEAVY";
  console.log(`${name.padEnd(36)}${kilobytes(raw).padStart(12)}${kilobytes(packed).padStart(12)}${limit}${verdict}`);
};
/** @type {(list: typeof files) => [number, number]} */
const total = (list) => [list.reduce((sum, { raw }) => sum + raw, 0), list.reduce((sum, { packed }) => sum + packed, 0)];

console.log(`${"".padEnd(36)}${"plain".padStart(12)}${"gzip -9".padStart(12)}${"budget".padStart(12)}`);
for (const { name, raw, packed } of files.sort((a, b) => b.packed - a.packed)) row(name, raw, packed);
row("all", ...total(files));
let heavy = false;
for (const { kind, suffix, budget } of BUDGETS) {
  const those = files.filter(({ name }) => name.endsWith(suffix));
  const [raw, packed] = total(those);
  row(kind, raw, packed, budget);
  heavy ||= packed > budget;
  // A page without it was not built: that it weighs nothing is no good news.
  if (those.length === 0) {
    console.error(`weigh: there is no ${suffix} file in ${directory}.`);
    heavy = true;
  }
}
if (heavy) process.exit(1);
