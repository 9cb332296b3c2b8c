// The rules of axe.
// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @typedef {import("playwright-core").Page} Page */

/**
 * Fails if axe reports a violation in the page as it is.
 * @param {Page} page
 * @param {string} view the description of the state of the page
 */
export async function hasNoViolation(page, view) {
  // During an animation the colours are not final. The cursor's animation does not end.
  await page.evaluate(async () => {
    const finite = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.all(finite.map((one) => one.finished.catch(() => {})));
  });
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(async () => {
    const result = await /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] });
    return {
      violations: result.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => `${node.html} ${node.failureSummary}`).join("; ")}`),
      passes: result.passes.map((/** @type {any} */ one) => one.id),
    };
  });
  assert.deepEqual(violations, [], view);
  // axe has checked the page, colours included.
  assert.ok(passes.length > 20 && passes.includes("color-contrast"), `${view}: ${passes}`);
}
