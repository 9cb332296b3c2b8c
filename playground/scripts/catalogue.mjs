// Writes what the core tells of all checks as JSON: `node scripts/catalogue.mjs DIRECTORY` takes the core that
// is there, and puts it beside it.
// @ts-check

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const directory = process.argv[2];
if (directory === undefined) {
  console.error("usage: catalogue.mjs DIRECTORY");
  process.exit(2);
}
const core = await import(pathToFileURL(resolve(directory, "core.js")).href);
core.initSync({ module: readFileSync(join(directory, "core_bg.wasm")) });
writeFileSync(join(directory, "checks.json"), `${JSON.stringify(core.checks())}\n`);
