// The expected result of every example.
// @ts-check

import assert from "node:assert/strict";
import { loadModule } from "./modules.mjs";
import { dialog, eventually, pageTest } from "./browser.mjs";

/** @type {typeof import("../src/examples.ts")} */
const { EXAMPLES } = await loadModule("examples.ts");

/** @typedef {import("../src/examples.ts").ExpectedResult} ExpectedResult */

/**
 * The result of a document in the page; null if it is not there.
 * @param {import("playwright-core").Page} page
 * @param {ExpectedResult} expected
 * @returns {Promise<ExpectedResult | null>}
 */
async function resultOf(page, { kind, name, satisfied }) {
  const title = `${kind} ${name}`;
  if (satisfied === null) {
    const brief = page.locator("section.document", { hasText: /without a pod|contains no pod/ }).filter({ hasText: title });
    return (await brief.count()) === 1 ? { kind, name, satisfied: null, checks: [] } : null;
  }
  const section = page.locator("section.document").filter({ has: page.getByRole("heading", { name: title }) });
  if ((await section.count()) !== 1) return null;
  const checks = await section.locator(".finding .finding-check .link").allTextContents();
  // Each example has one document with a pod, so the verdict of the page is that of the document.
  const tile = (await page.locator(".tile", { hasText: "Enforce" }).textContent()) ?? "";
  return { kind, name, satisfied: !/rejected/i.test(tile), checks: [...new Set(checks)].sort() };
}

for (const example of EXAMPLES.flatMap((group) => group.examples)) {
  pageTest(`the example "${example.title}" has the expected verdict`, async ({ page }) => {
    await page.getByRole("button", { name: "Examples" }).click();
    await dialog(page).locator(`[data-example="${example.id}"]`).click();
    const file = page.getByRole("tab", { selected: true });
    await eventually("the example should be loaded", () => file.textContent(), (text) => text === example.file);
    assert.ok(example.expected.filter(({ satisfied }) => satisfied !== null).length === 1, "see `resultOf`");
    const expected = example.expected.map(({ checks, ...others }) => ({ ...others, checks: [...checks].sort() }));
    await eventually(
      `the documents should be ${JSON.stringify(expected)}`,
      () => Promise.all(expected.map((one) => resultOf(page, one))),
      (answer) => {
        try {
          assert.deepEqual(answer, expected);
          return true;
        } catch {
          return false;
        }
      },
    );
  });
}
