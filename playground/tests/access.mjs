// For everybody: by the keyboard alone, on small screens, in the dark, without motion, and with axe's rules.
// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dialog, dismiss, editor, eventually, open, options, pageTest, POD, summary } from "./support.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @typedef {import("playwright-core").Page} Page */

/**
 * @param {Page} page
 * @param {string} where
 */
async function hasNoViolation(page, where) {
  // While something fades in, its colours are not yet what they will be. The cursor blinks for ever.
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.all(ending.map((one) => one.finished.catch(() => {})));
  });
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const { found, kept } = await page.evaluate(async () => {
    const { violations, passes } = await /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] });
    return {
      found: violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => `${node.html} ${node.failureSummary}`).join("; ")}`),
      kept: passes.map((/** @type {any} */ one) => one.id),
    };
  });
  assert.deepEqual(found, [], where);
  // That it has looked, at the colours too.
  assert.ok(kept.length > 20 && kept.includes("color-contrast"), `${where}: ${kept}`);
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  pageTest(`axe finds nothing in the page and its dialogs (${colorScheme})`, async ({ page }) => {
    await hasNoViolation(page, "the page");
    await page.locator("details.more > summary").click();
    await page.getByLabel("Set each mode by itself").check();
    await page.getByRole("button", { name: "Add a label" }).click();
    await page.getByRole("checkbox", { name: "runAsNonRoot" }).check();
    await page.getByRole("textbox", { name: /^Further settings/ }).fill("exemptions: {checks: [{checks: [seccompProfile_restricted], reason: why}], groups: ['*', '']}");
    await page.locator(".mistakes .note").waitFor();
    await hasNoViolation(page, "the page with all controls, and a mistake");
    await page.getByRole("textbox", { name: /^Further settings/ }).fill("exemptions: {checks: [{checks: [seccompProfile_restricted], reason: why}]}");
    await page.locator(".quiet").first().waitFor();
    await hasNoViolation(page, "the page with what is let through");
    await page.getByRole("combobox", { name: /Find a check/ }).fill("host");
    await options(page).first().waitFor();
    await hasNoViolation(page, "the search");
    await page.keyboard.press("Escape");
    for (const name of [/^Examples/, /^Checks/, /^Compare/, /^Policy/, /^Fix all/]) {
      await page.getByRole("button", { name }).click();
      await dialog(page).waitFor();
      if (String(name) === "/^Checks/") await dialog(page).getByRole("button", { name: "Open all" }).click();
      if (String(name) === "/^Compare/") await dialog(page).locator(".results .note").waitFor();
      await hasNoViolation(page, `the dialog of ${name}`);
      await dismiss(page);
    }
    // With an explanation in the editor, and with a text that is broken.
    await editor(page).focus();
    await page.keyboard.press("F8");
    await page.getByRole("group", { name: "Findings here" }).waitFor();
    await hasNoViolation(page, "an explanation");
    await open(page, [{ name: "broken.yaml", text: "a: [\n" }]);
    await summary(page, /cannot be read/);
    await hasNoViolation(page, "a broken document");
  }, { colorScheme });
}

/**
 * @param {Page} page
 * @param {(page: Page) => Promise<boolean>} there
 * @param {string} what
 */
async function tabTo(page, there, what) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (await there(page)) return;
  }
  assert.fail(`${what} cannot be reached by Tab`);
}

/** @type {(page: Page) => Promise<boolean>} */
const inEditor = (page) => editor(page).evaluate((own) => own === document.activeElement);
/** @type {(page: Page) => Promise<boolean>} */
const onFix = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label")?.startsWith("Fix: ") ?? false);

pageTest("all can be done by the keyboard alone", async ({ page }) => {
  await tabTo(page, inEditor, "the editor");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(POD);
  await summary(page, /4 findings/);
  // In the editor Tab indents; Escape lets it out.
  await page.keyboard.press("Tab");
  assert.ok(await inEditor(page));
  await page.keyboard.press("Control+z");
  await summary(page, /4 findings/);
  await page.keyboard.press("F8");
  await page.getByRole("group", { name: "Findings here" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await tabTo(page, onFix, "a fix");
  // What has the focus shows it.
  assert.notEqual(await page.evaluate(() => getComputedStyle(/** @type {Element} */ (document.activeElement)).outlineStyle), "none");
  await page.keyboard.press("Enter");
  await summary(page, /3 findings/);
  // The next fix has the focus now, not the whole page.
  assert.ok(await onFix(page));
  // A dialog keeps the focus, and gives it back.
  await page.getByRole("button", { name: "Checks" }).focus();
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assert.ok(await page.evaluate(() => document.activeElement?.closest("dialog") !== null || document.activeElement === document.body));
  await page.keyboard.press("Escape");
  await eventually("the focus should be back", () => page.evaluate(() => document.activeElement?.textContent ?? ""), (text) => text === "Checks");
});

pageTest("nothing is wider than a small screen", async ({ page }) => {
  const width = () => page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  const fits = async (/** @type {string} */ where) => {
    const [scroll, client] = await width();
    assert.equal(scroll, client, where);
    // What sticks out and is cut off cannot be read either.
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, select, textarea, p, h1, h2, h3, h4, summary")]
        .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, .cm-editor, .scroll-x, .pre, .diff, .skip"))
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
        .filter((one) => !one.matches(".visually-hidden, .skip, input[type=radio]"))
        .map((one) => `${one.tagName} ${one.textContent}`),
    );
    assert.deepEqual(outside, [], where);
  };
  await fits("the page");
  await page.locator("details.more > summary").click();
  await page.getByLabel("Set each mode by itself").check();
  await fits("the page with all controls");
  for (const name of [/^Examples/, /^Checks/, /^Compare/, /^Policy/, /^Fix all/]) {
    await page.getByRole("button", { name }).click();
    await dialog(page).waitFor();
    if (String(name) === "/^Checks/") await dialog(page).getByRole("button", { name: "Open all" }).click();
    await fits(`the dialog of ${name}`);
    const [scroll, client] = await dialog(page).locator(".dialog-body").evaluate((body) => [body.scrollWidth, body.clientWidth]);
    assert.equal(scroll, client, `the body of the dialog of ${name}`);
    await dismiss(page);
  }
}, { viewport: { width: 375, height: 667 }, hasTouch: true });

pageTest("the colours follow the system, and the switch", async ({ page, url }) => {
  /** @type {() => Promise<number>} the brightness of the ground, 0 to 255 */
  const ground = () =>
    page.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      if (!canvas) throw new Error("no canvas");
      canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return (red + green + blue) / 3;
    });
  const bright = () => eventually("the ground should be bright", ground, (value) => value > 200);
  const dark = () => eventually("the ground should be dark", ground, (value) => value < 60);
  const turn = () => page.getByRole("button", { name: /^Theme/ }).click();
  await page.emulateMedia({ colorScheme: "light" });
  await bright();
  await page.emulateMedia({ colorScheme: "dark" });
  await dark();
  await turn();
  await page.getByRole("button", { name: "Theme: light" }).waitFor();
  await bright();
  await turn();
  await page.getByRole("button", { name: "Theme: dark" }).waitFor();
  await page.emulateMedia({ colorScheme: "light" });
  await dark();
  // It is remembered.
  await page.goto(url);
  await dark();
  await page.getByRole("button", { name: "Theme: dark" }).click();
  await bright();
});

pageTest("nothing moves for who wants no motion", async ({ page }) => {
  const moving = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("*")]
        .filter((one) => {
          const { transitionDuration, animationName, animationDuration, scrollBehavior } = getComputedStyle(one);
          const long = (/** @type {string} */ times) => times.split(",").some((time) => parseFloat(time) > 0.01);
          return long(transitionDuration) || (animationName !== "none" && long(animationDuration)) || scrollBehavior === "smooth";
        })
        .map((one) => one.className),
    );
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.ok((await moving()).length > 0, "with motion something should, else this test sees nothing");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.getByRole("button", { name: "Checks" }).click();
  await dialog(page).waitFor();
  await editor(page).evaluate((own) => own.ownerDocument.title);
  // The cursor's blinking is a setting of the editor, in the way of none of these rules.
  assert.deepEqual((await moving()).filter((name) => !String(name).includes("cm-cursorLayer")), []);
});
