// Loads modules of the page itself into a test, types and all.
// @ts-check

import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

/**
 * @template T
 * @param {string} name below src/
 * @returns {Promise<T>}
 */
export async function source(name) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { module } = await runnerImport(fileURLToPath(new URL(`../src/${name}`, import.meta.url)), { root, configFile: false, logLevel: "error" });
  return /** @type {T} */ (module);
}
