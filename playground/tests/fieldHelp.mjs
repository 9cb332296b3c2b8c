// Completion and the documentation of fields in the editor, by keyboard and by pointer.
// @ts-check

import assert from "node:assert/strict";
import { hasNoViolation } from "./accessibilityRules.mjs";
import { editor, eventually, pageTest, write } from "./browser.mjs";

const POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    securityContext:\n      ";

/** @param {import("playwright-core").Page} page */
const list = (page) => page.getByRole("listbox", { name: "Completions" });

/** @param {import("playwright-core").Page} page */
const lastLine = (page) => page.locator(".cm-line").last().textContent();

/** Waits until the engine is loaded, which the output of kubectl needs.
 * @param {import("playwright-core").Page} page */
const engineLoaded = (page) => page.locator(".terminal-output, .terminal-error, .terminal-warning").first().waitFor();

pageTest("keys and values are completed by keyboard, and undo restores the text", async ({ page }) => {
  await engineLoaded(page);
  await write(page, POD);
  await page.keyboard.press("Control+End");
  await page.keyboard.type("allo");
  await eventually("the list", () => list(page).getByRole("option").allTextContents(), (all) => all.join() === "allowPrivilegeEscalation allowPrivilegeEscalation");
  assert.equal(await editor(page).getAttribute("aria-activedescendant"), await list(page).getByRole("option", { selected: true }).getAttribute("id"));
  await hasNoViolation(page, "the list of completions");
  await page.keyboard.press("Enter");
  await eventually("the field", () => lastLine(page), (text) => /^ {6}allowPrivilegeEscalation: /.test(text ?? ""));
  await page.keyboard.press("Control+z");
  await eventually("the text before", () => lastLine(page), (text) => text === "      allo");
  assert.equal(await list(page).count(), 0);

  await write(page, `${POD}seccompProfile:\n        type: `);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Control+Space");
  await list(page).getByRole("option", { name: /RuntimeDefault/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await list(page).waitFor({ state: "detached" });
  await page.keyboard.press("Control+Space");
  await list(page).getByRole("option", { name: /Localhost/ }).click();
  await eventually("the value", () => lastLine(page), (text) => text === "        type: Localhost");
});

pageTest("the documentation of a field is shown by keyboard and by pointer", async ({ page }) => {
  await engineLoaded(page);
  await write(page, `${POD}allowPrivilegeEscalation: false\n`);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("End");
  await page.keyboard.press("Alt+h");
  const documentation = page.getByRole("group", { name: "Documentation of spec.containers[0].securityContext.allowPrivilegeEscalation" });
  await documentation.getByText("Allowed: ").waitFor();
  // The same key moves the focus into the box, and Escape returns it to the text.
  await page.keyboard.press("Alt+h");
  const focused = () => page.evaluate(() => document.activeElement?.closest(".explanation") !== null);
  await eventually("the focus in the box", focused, (isInside) => isInside);
  await page.keyboard.press("Escape");
  await eventually("the focus in the text", focused, (isInside) => !isInside);
  await page.keyboard.press("Escape");
  await documentation.waitFor({ state: "detached" });
  await page.locator(".tok-key", { hasText: "allowPrivilegeEscalation" }).hover();
  await documentation.getByText("Allowed: ").waitFor();
});

pageTest("the keys of completion and documentation wait for the engine", async ({ page }) => {
  let load = () => {};
  const loaded = new Promise((done) => (load = () => done(undefined)));
  await page.route("**/engine_bg*.wasm", async (route) => {
    await loaded;
    await route.continue();
  });
  await page.reload();
  await editor(page).waitFor();
  await write(page, `${POD}`);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Control+Space");
  await page.waitForTimeout(300);
  assert.equal(await page.locator("#editor-status").textContent(), "");
  load();
  await list(page).getByRole("option", { name: /allowPrivilegeEscalation/ }).waitFor();
});

pageTest("while nothing is typed, the page calls no function of the engine", async ({ page }) => {
  await engineLoaded(page);
  await page.evaluate(() => {
    /** @type {string[]} */
    const calls = [];
    Object.assign(globalThis, { calls });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = /** @this {Worker} */ function (/** @type {any} */ message) {
      calls.push(message.name);
      post.call(this, message);
    };
  });
  await page.waitForTimeout(1500);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).calls), []);
  await editor(page).press("Control+End");
  await page.keyboard.type("#");
  await eventually("an evaluation", () => page.evaluate(() => /** @type {any} */ (globalThis).calls.join()), (calls) => calls.includes("evaluateFiles"));
});

pageTest("Enter ends the line after a complete value, and the list closes when the editor loses the focus", async ({ page }) => {
  await engineLoaded(page);
  await write(page, "apiVersion: v1\n");
  await page.keyboard.type("kind: Po");
  await list(page).getByRole("option", { name: /PodTemplate/ }).waitFor();
  await page.keyboard.type("d");
  await list(page).waitFor({ state: "detached" });
  // Longer than the answer takes that could open the list again.
  await page.waitForTimeout(500);
  await page.keyboard.press("Enter");
  await page.keyboard.type("metada");
  await list(page).getByRole("option", { name: /metadata/ }).waitFor();
  assert.deepEqual(await page.locator(".cm-line").allTextContents(), ["apiVersion: v1", "kind: Pod", "metada"]);
  await editor(page).evaluate((element) => element.blur());
  await list(page).waitFor({ state: "detached" });
});

pageTest("the explanation of findings and the documentation of a field replace each other", async ({ page }) => {
  await engineLoaded(page);
  await write(page, `${POD}allowPrivilegeEscalation: true`);
  await page.locator(".finding", { hasText: "allowPrivilegeEscalation" }).first().waitFor();
  const boxes = () => page.locator(".explanation").evaluateAll((all) => all.map((box) => box.getAttribute("aria-label")?.split(" ")[0]).join());
  await page.keyboard.press("Control+End");
  for (const [key, box] of /** @type {const} */ ([["Alt+h", "Documentation"], ["Control+.", "Findings"], ["Alt+h", "Documentation"]])) {
    await page.keyboard.press(key);
    await eventually(`the box after ${key}`, boxes, (all) => all === box);
  }
});
