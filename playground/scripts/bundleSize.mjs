// The size of the built page: `node scripts/bundleSize.mjs [DIRECTORY]` compresses every file as a web server does, prints a
// table, and fails if the page is larger than its budget.
// @ts-check

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Bytes after gzip -9, of all files of a kind. JavaScript is that of the page, its service worker and its Web Workers. What a user
 * has to ask for is loaded on demand: the panel for migration, the dialog of reports, archives. */
const ON_DEMAND = /\/(panel|migrationWorker|dialog|client-zip)-[^/]*\.js$/;
const BUDGETS = [
  { kind: "WebAssembly: core", pattern: /core_bg-[^/]*\.wasm$/, budget: 180_000 },
  { kind: "WebAssembly: engine", pattern: /engine_bg-[^/]*\.wasm$/, budget: 390_000 },
  { kind: "WebAssembly: migration", pattern: /migrate_bg-[^/]*\.wasm$/, budget: 320_000 },
  { kind: "JavaScript", pattern: /\.js$/, except: ON_DEMAND, budget: 150_000 },
  { kind: "JavaScript: on demand", pattern: ON_DEMAND, budget: 15_000 },
];

const directory = process.argv[2] ?? fileURLToPath(new URL("../dist", import.meta.url));

/** @type {{ name: string, raw: number, compressed: number }[]} */
const files = [];
try {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = readFileSync(path);
    files.push({ name: relative(directory, path), raw: bytes.length, compressed: gzipSync(bytes, { level: 9 }).length });
  }
} catch {
  console.error(`bundleSize: ${directory} cannot be read: build it with \`make playground\` first.`);
  process.exit(1);
}

/** @type {(bytes: number) => string} */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
/** @type {(name: string, raw: number, compressed: number, budget?: number) => void} */
const row = (name, raw, compressed, budget) => {
  const limit = budget === undefined ? "" : kilobytes(budget).padStart(12);
  const verdict = budget === undefined ? "" : compressed <= budget ? "  ok" : "  TOO LARGE";
  console.log(`${name.padEnd(36)}${kilobytes(raw).padStart(12)}${kilobytes(compressed).padStart(12)}${limit}${verdict}`);
};
/** @type {(list: typeof files) => [number, number]} */
const total = (list) => [list.reduce((sum, { raw }) => sum + raw, 0), list.reduce((sum, { compressed }) => sum + compressed, 0)];

console.log(`${"".padEnd(36)}${"plain".padStart(12)}${"gzip -9".padStart(12)}${"budget".padStart(12)}`);
for (const { name, raw, compressed } of files.sort((a, b) => b.compressed - a.compressed)) row(name, raw, compressed);
row("all", ...total(files));
let failed = false;
for (const { kind, pattern, except, budget } of BUDGETS) {
  const matching = files.filter(({ name }) => pattern.test(name) && !except?.test(name));
  const [raw, compressed] = total(matching);
  row(kind, raw, compressed, budget);
  failed ||= compressed > budget;
  // Without such a file the build is incomplete.
  if (matching.length === 0) {
    console.error(`bundleSize: there is no file for ${kind} in ${directory}.`);
    failed = true;
  }
}
if (failed) process.exit(1);
