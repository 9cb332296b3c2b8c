// Writes what the core has to say about the checks: `node scripts/words.mjs DIRECTORY` takes the core that is
// there, and puts beside it the catalogue of checks as JSON and the sentences of findings as text.
// @ts-check

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const directory = process.argv[2];
if (directory === undefined) {
  console.error("usage: words.mjs DIRECTORY");
  process.exit(2);
}
const core = await import(pathToFileURL(resolve(directory, "core.js")).href);
core.initSync({ module: readFileSync(join(directory, "core_bg.wasm")) });
writeFileSync(join(directory, "checks.json"), `${JSON.stringify(core.checks())}\n`);
writeFileSync(join(directory, "sentences.txt"), core.sentences());
