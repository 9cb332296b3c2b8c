// Every example of the menu, with the verdict that it is there to show.
// @ts-check

import assert from "node:assert/strict";
import { source } from "./sources.mjs";
import { dialog, eventually, pageTest } from "./support.mjs";

/** @type {typeof import("../src/examples.ts")} */
const { EXAMPLES } = await source("examples.ts");

pageTest("every example has the verdict that it is there for", async ({ page }) => {
  for (const example of EXAMPLES.flatMap((group) => group.examples)) {
    await page.getByRole("button", { name: "Examples" }).click();
    await dialog(page).locator(`[data-example="${example.id}"]`).click();
    const expected = example.expected.map(({ kind, name, satisfied, checks }) => ({ name: `${kind} ${name}`, satisfied, checks }));
    await eventually(
      `${example.id} should be ${JSON.stringify(expected)}`,
      () => page.evaluate(() => /** @type {any} */ (globalThis).shownDocuments?.() ?? null),
      (shown) => JSON.stringify(shown) === JSON.stringify(expected),
    );
  }
  assert.ok(true);
});
