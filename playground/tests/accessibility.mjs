// Accessibility: the keyboard, small screens, the dark theme, reduced motion, and the rules of axe.
// @ts-check

import assert from "node:assert/strict";
import { hasNoViolation } from "./accessibilityRules.mjs";
import { POLICY, ROLE, TEMPLATE } from "./migrationTexts.mjs";
import { dialog, dismiss, editor, eventually, open, options, pageTest, POD, summary } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  pageTest(`axe reports no violation in the page and its dialogs (${colorScheme})`, async ({ page }) => {
    await hasNoViolation(page, "the page");
    await page.locator("details.more > summary").click();
    await page.getByLabel("Set each mode separately").check();
    await page.getByRole("button", { name: "Add a label" }).click();
    await page.getByRole("checkbox", { name: "runAsNonRoot" }).check();
    await page.getByRole("textbox", { name: /^Further settings/ }).fill("exemptions: {checks: [{checks: [seccompProfile_restricted], reason: why}], groups: ['*', '']}");
    await page.locator(".option-errors .note").waitFor();
    await hasNoViolation(page, "the page with all controls and an error");
    await page.getByRole("textbox", { name: /^Further settings/ }).fill("exemptions: {checks: [{checks: [seccompProfile_restricted], reason: why}]}");
    await page.locator(".document-notes").first().waitFor();
    await hasNoViolation(page, "the page with exemptions");
    await page.getByRole("combobox", { name: /Find a check/ }).fill("host");
    await options(page).first().waitFor();
    await hasNoViolation(page, "the search");
    await page.keyboard.press("Escape");
    for (const name of [/^Examples/, /^Report/, /^Checks/, /^Compare/, /^Policy/, /^Fix all/]) {
      await page.getByRole("button", { name }).click();
      await dialog(page).waitFor();
      if (String(name) === "/^Report/") await dialog(page).getByText("## Pod Security Standards").waitFor();
      if (String(name) === "/^Checks/") await dialog(page).getByRole("button", { name: "Open all" }).click();
      if (String(name) === "/^Compare/") await dialog(page).locator(".results .note").waitFor();
      await hasNoViolation(page, `the dialog of ${name}`);
      await dismiss(page);
    }
    // With an explanation in the editor, and with an invalid text.
    await editor(page).focus();
    await page.keyboard.press("F8");
    await page.getByRole("group", { name: "Findings here" }).waitFor();
    await hasNoViolation(page, "an explanation");
    await open(page, [{ name: "old.yaml", text: [TEMPLATE, POLICY, ROLE, POD].join("---\n") }]);
    await page.getByRole("button", { name: /^Use as settings/ }).click();
    await page.getByRole("button", { name: /^Undo: / }).waitFor();
    await hasNoViolation(page, "the panel for migration");
    await page.getByRole("button", { name: /^Show the plan/ }).click();
    for (const details of await dialog(page).locator("summary").all()) await details.click();
    await hasNoViolation(page, "the plan");
    await dismiss(page);
    await page.getByRole("button", { name: "Sessions" }).click();
    await dialog(page).locator(".session").first().waitFor();
    await hasNoViolation(page, "the list of sessions");
    await dismiss(page);
    await page.getByRole("tab", { selected: true }).focus();
    await page.keyboard.press("F2");
    await hasNoViolation(page, "the dialog of the name");
    await dismiss(page);
    await open(page, [{ name: "invalid.yaml", text: "a: [\n" }, { name: "second.yaml", text: POD }]);
    await summary(page, /cannot be parsed/);
    await hasNoViolation(page, "an invalid document");
  }, { colorScheme });
}

/**
 * @param {Page} page
 * @param {(page: Page) => Promise<boolean>} isFocused
 * @param {string} name
 */
async function tabTo(page, isFocused, name) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (await isFocused(page)) return;
  }
  assert.fail(`${name} cannot be reached by Tab`);
}

/** @type {(page: Page) => Promise<boolean>} */
const inEditor = (page) => editor(page).evaluate((own) => own === document.activeElement);
/** @type {(page: Page) => Promise<boolean>} */
const onFix = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label")?.startsWith("Fix: ") ?? false);

pageTest("the page can be operated by the keyboard alone", async ({ page }) => {
  await tabTo(page, inEditor, "the editor");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(POD);
  await summary(page, /4 findings/);
  // In the editor Tab indents; after Escape it moves the focus.
  await page.keyboard.press("Tab");
  assert.ok(await inEditor(page));
  await page.keyboard.press("Control+z");
  await summary(page, /4 findings/);
  await page.keyboard.press("F8");
  await page.getByRole("group", { name: "Findings here" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await tabTo(page, onFix, "a fix");
  // The focus is visible.
  assert.notEqual(await page.evaluate(() => getComputedStyle(/** @type {Element} */ (document.activeElement)).outlineStyle), "none");
  await page.keyboard.press("Enter");
  await summary(page, /3 findings/);
  // The next fix has the focus.
  assert.ok(await onFix(page));
  // A dialog keeps the focus, and restores it.
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
  const fits = async (/** @type {string} */ view) => {
    const [scroll, client] = await width();
    assert.equal(scroll, client, view);
    // Content outside the viewport that is clipped.
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, select, textarea, p, h1, h2, h3, h4, summary")]
        .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, .cm-editor, .scroll-x, .pre, .diff, .skip-link"))
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
        .filter((one) => !one.matches(".visually-hidden, .skip-link, input[type=radio]"))
        .map((one) => `${one.tagName} ${one.textContent}`),
    );
    assert.deepEqual(outside, [], view);
  };
  await fits("the page");
  await page.locator("details.more > summary").click();
  await page.getByLabel("Set each mode separately").check();
  await fits("the page with all controls");
  for (const name of [/^Examples/, /^Report/, /^Checks/, /^Compare/, /^Policy/, /^Fix all/]) {
    await page.getByRole("button", { name }).click();
    await dialog(page).waitFor();
    if (String(name) === "/^Report/") await dialog(page).getByText("## Pod Security Standards").waitFor();
    if (String(name) === "/^Checks/") await dialog(page).getByRole("button", { name: "Open all" }).click();
    await fits(`the dialog of ${name}`);
    const [scroll, client] = await dialog(page).locator(".dialog-body").evaluate((body) => [body.scrollWidth, body.clientWidth]);
    assert.equal(scroll, client, `the body of the dialog of ${name}`);
    await dismiss(page);
  }
  await open(page, [{ name: "old.yaml", text: [TEMPLATE, POLICY, ROLE, POD].join("---\n") }]);
  await page.getByRole("button", { name: /^Use as settings/ }).click();
  await page.getByRole("button", { name: /^Undo: / }).waitFor();
  await fits("the panel for migration");
  await page.getByRole("button", { name: /^Show the plan/ }).click();
  for (const details of await dialog(page).locator("summary").all()) await details.click();
  await fits("the plan");
}, { viewport: { width: 375, height: 667 }, hasTouch: true });

pageTest("the colours follow the system and the theme button", async ({ page, url }) => {
  /** @type {() => Promise<number>} the brightness of the background, 0 to 255 */
  const background = () =>
    page.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      if (!canvas) throw new Error("no canvas");
      canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return (red + green + blue) / 3;
    });
  const bright = () => eventually("the background should be bright", background, (value) => value > 200);
  const dark = () => eventually("the background should be dark", background, (value) => value < 60);
  const switchTheme = () => page.getByRole("button", { name: /^Theme/ }).click();
  await page.emulateMedia({ colorScheme: "light" });
  await bright();
  await page.emulateMedia({ colorScheme: "dark" });
  await dark();
  await switchTheme();
  await page.getByRole("button", { name: "Theme: light" }).waitFor();
  await bright();
  await switchTheme();
  await page.getByRole("button", { name: "Theme: dark" }).waitFor();
  await page.emulateMedia({ colorScheme: "light" });
  await dark();
  // The theme is stored.
  await page.goto(url);
  await dark();
  await page.getByRole("button", { name: "Theme: dark" }).click();
  await bright();
});

pageTest("nothing is animated with reduced motion", async ({ page }) => {
  const animated = () =>
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
  assert.ok((await animated()).length > 0, "there should be animations without reduced motion");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.getByRole("button", { name: "Checks" }).click();
  await dialog(page).waitFor();
  await editor(page).evaluate((own) => own.ownerDocument.title);
  // The cursor's blinking is a setting of the editor.
  assert.deepEqual((await animated()).filter((name) => !String(name).includes("cm-cursorLayer")), []);
});
