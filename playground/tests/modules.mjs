// Loads TypeScript modules of the page in a test.
// @ts-check

import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

/**
 * @template T
 * @param {string} name below src/
 * @returns {Promise<T>}
 */
export async function loadModule(name) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { module } = await runnerImport(fileURLToPath(new URL(`../src/${name}`, import.meta.url)), { root, configFile: false, logLevel: "error" });
  return /** @type {T} */ (module);
}
