// Every example of the menu, with the verdict that it is there to show.
// @ts-check

import assert from "node:assert/strict";
import { source } from "./sources.mjs";
import { dialog, eventually, pageTest } from "./support.mjs";

/** @type {typeof import("../src/examples.ts")} */
const { EXAMPLES } = await source("examples.ts");

/** @typedef {import("../src/examples.ts").Expected} Expected */

/**
 * What the page says of a document, in the shape of what is expected of it; null if it does not show it.
 * @param {import("playwright-core").Page} page
 * @param {Expected} expected
 * @returns {Promise<Expected | null>}
 */
async function shown(page, { kind, name, satisfied }) {
  const title = `${kind} ${name}`;
  if (satisfied === null) {
    const brief = page.locator("section.document", { hasText: /without a pod|holds no pod/ }).filter({ hasText: title });
    return (await brief.count()) === 1 ? { kind, name, satisfied: null, checks: [] } : null;
  }
  const section = page.locator("section.document").filter({ has: page.getByRole("heading", { name: title }) });
  if ((await section.count()) !== 1) return null;
  const checks = await section.locator(".finding .finding-check .link").allTextContents();
  // Each example has one document that is judged, so that the verdict of all is its verdict.
  const tile = (await page.locator(".tile", { hasText: "Enforce" }).textContent()) ?? "";
  return { kind, name, satisfied: !/rejected/i.test(tile), checks: [...new Set(checks)].sort() };
}

for (const example of EXAMPLES.flatMap((group) => group.examples)) {
  pageTest(`the example "${example.title}" has the verdict that it is there for`, async ({ page }) => {
    await page.getByRole("button", { name: "Examples" }).click();
    await dialog(page).locator(`[data-example="${example.id}"]`).click();
    const file = page.locator("#file-name");
    await eventually("the example should be loaded", () => file.textContent(), (text) => text === example.file);
    assert.ok(example.expected.filter(({ satisfied }) => satisfied !== null).length === 1, "see `shown`");
    const expected = example.expected.map(({ checks, ...others }) => ({ ...others, checks: [...checks].sort() }));
    await eventually(
      `the documents should be ${JSON.stringify(expected)}`,
      () => Promise.all(expected.map((one) => shown(page, one))),
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
