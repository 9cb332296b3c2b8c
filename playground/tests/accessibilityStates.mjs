// Accessibility of further states of the page: the rules of axe, small screens, forced colours and accessible names.
// @ts-check

import assert from "node:assert/strict";
import { hasNoViolation } from "./accessibilityRules.mjs";
import { dialog, dismiss, editor, eventually, open, options, pageTest, POD, summary } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ name: string, show: (page: Page) => Promise<void>, hide?: (page: Page) => Promise<void> }} ViewState */

const COMPOSE = "services:\n  web:\n    image: nginx\n";

/** @type {(page: Page) => Promise<void>} */
const openUrlDialog = async (page) => {
  await page.getByRole("button", { name: "From a URL…" }).click();
  await dialog(page).getByRole("textbox", { name: "URL of a manifest" }).fill("https://github.com/owner-with-a-long-name/repository-with-a-long-name/blob/main/pods/security/manifest.yaml https://example.com/pod.yaml");
};

/** The states in the order in which they are shown. @type {ViewState[]} */
const STATES = [
  { name: "the dialog for URLs", show: openUrlDialog, hide: dismiss },
  {
    name: "the dialog for URLs with an error",
    async show(page) {
      await openUrlDialog(page);
      await dialog(page).getByRole("textbox").fill("http://example.com/pod.yaml");
      await page.keyboard.press("Enter");
      await dialog(page).getByRole("alert").locator(".note").waitFor();
    },
    hide: dismiss,
  },
  {
    name: "the search with an object",
    async show(page) {
      await page.getByRole("combobox", { name: /Find a check/ }).fill('deployments.apps "web" is forbidden: violates PodSecurity "restricted:latest": hostPort (container "nginx" uses hostPort 80)');
      await options(page).filter({ hasText: "Go to Deployment web" }).waitFor();
    },
    hide: (page) => page.getByRole("combobox", { name: /Find a check/ }).press("Escape"),
  },
  {
    name: "the search without results",
    async show(page) {
      await page.getByRole("combobox", { name: /Find a check/ }).fill("nothing has these words");
      await page.getByText("No check and no object has these words.").first().waitFor();
    },
    hide: (page) => page.getByRole("combobox", { name: /Find a check/ }).press("Escape"),
  },
  {
    name: "the panel for text",
    async show(page) {
      await editor(page).focus();
      await page.keyboard.press("Control+f");
      await page.getByRole("search", { name: "Find in the text" }).getByRole("textbox", { name: "Find" }).fill("name");
      await page.locator(".find-match").first().waitFor();
    },
    hide: (page) => page.keyboard.press("Escape"),
  },
  {
    name: "the dialog for lines",
    async show(page) {
      await editor(page).focus();
      await page.keyboard.press("Alt+g");
      await dialog(page).waitFor();
    },
    hide: dismiss,
  },
  {
    name: "the dialog for objects",
    async show(page) {
      await editor(page).focus();
      await page.keyboard.press("Control+Shift+o");
      await dialog(page).getByRole("option").first().waitFor();
    },
    hide: dismiss,
  },
  {
    name: "the filter of the findings",
    async show(page) {
      await page.getByRole("button", { name: "Group, filter" }).click();
      await page.getByRole("button", { name: "Group, filter" }).and(page.locator("[aria-expanded=true]")).waitFor();
    },
  },
  {
    name: "folded lines",
    async show(page) {
      await page.locator(".fold-marker:visible").first().click();
      await page.locator(".fold-placeholder").first().waitFor();
    },
  },
  {
    name: "a text that is not a manifest",
    async show(page) {
      await open(page, [{ name: "compose.yaml", text: COMPOSE }, { name: "pod.yaml", text: POD.replace("image:", "imagee:") }]);
      await summary(page, /finding|invalid|parsed/);
    },
  },
  {
    name: "a text with a tab",
    async show(page) {
      await open(page, [{ name: "tab.yaml", text: "kind: Pod\n\tmetadata: {}\n" }]);
      await summary(page, /cannot be parsed/);
    },
  },
];

/**
 * Shows all states, one after the other.
 * @param {Page} page
 * @param {(name: string) => Promise<void>} check
 */
async function inAllStates(page, check) {
  for (const { name, show, hide } of STATES) {
    await show(page);
    await check(name);
    await hide?.(page);
  }
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  pageTest(`axe reports no violation in further states of the page (${colorScheme})`, async ({ page }) => {
    await inAllStates(page, (name) => hasNoViolation(page, name));
  }, { colorScheme });
}

pageTest("no further state is wider than a small screen", async ({ page }) => {
  await inAllStates(page, async (name) => {
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.equal(widths[0], widths[1], name);
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, select, textarea, p, li, h1, h2, h3, h4, summary, [role=option]")]
        .filter((own) => own.checkVisibility() && !own.closest(".visually-hidden, .cm-content, .scroll-x, .pre, .diff, .skip-link, [role=tablist]"))
        .filter((own) => own.getBoundingClientRect().right > innerWidth + 1 || own.getBoundingClientRect().left < -1)
        .filter((own) => !own.matches(".visually-hidden, .skip-link, input[type=radio]"))
        .map((own) => `${own.tagName} ${own.className} ${own.textContent}`),
    );
    assert.deepEqual(outside, [], name);
  });
}, { viewport: { width: 375, height: 667 } });

pageTest("each control has a name, and live regions announce the verdict", async ({ page }) => {
  const unnamed = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("button, input:not([hidden]), select, textarea, a, [role=tab], [role=option], [role=listbox], dialog, section")]
        .filter((own) => own.checkVisibility())
        .filter((own) => {
          const labelled = own.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
          const labels = own instanceof HTMLInputElement || own instanceof HTMLSelectElement || own instanceof HTMLTextAreaElement ? [...(own.labels ?? [])].map((label) => label.textContent ?? "").join("") : own.textContent;
          return !(own.getAttribute("aria-label") || labelled || labels)?.trim();
        })
        .map((own) => own.outerHTML.slice(0, 200)),
    );
  assert.deepEqual(await unnamed(), []);
  await inAllStates(page, async (name) => assert.deepEqual(await unnamed(), [], name));
  assert.equal(await page.locator("#summary").getAttribute("aria-live"), "polite");
  // What a screen reader announces of the main parts.
  for (const [role, name] of /** @type {const} */ ([["banner", undefined], ["main", undefined], ["region", "Manifests"], ["region", "Verdict"], ["region", "Output of kubectl"], ["textbox", "Manifests, YAML or JSON"]])) {
    assert.ok((await page.getByRole(role, name ? { name } : {}).count()) >= 1, `${role} ${name}`);
  }
});

pageTest("with forced colours a line or a sign shows what colours show otherwise", async ({ page }) => {
  assert.ok(await page.evaluate(() => matchMedia("(forced-colors: active)").matches));
  /** The style of an element. @type {(selector: string, property: string) => Promise<string>} */
  const style = (selector, property) => page.locator(selector).first().evaluate((own, name) => getComputedStyle(own).getPropertyValue(name), property);
  // The selected level, and the selected file.
  assert.equal(await style(".segments label:has(:checked)", "outline-style"), "solid");
  assert.equal(await style(".segments label:not(:has(:checked))", "outline-style"), "none");
  await open(page, [{ name: "a.yaml", text: POD }, { name: "b.yaml", text: POD.replaceAll("web", "other") }]);
  await summary(page, /8 findings/);
  assert.equal(await style("[role=tab][aria-selected=true]", "border-bottom-width"), "4px");
  assert.equal(await style("[role=tab][aria-selected=false]", "border-bottom-width"), "2px");
  // Each tile, finding and mark has a sign of its own.
  for (const tile of await page.locator(".tile").all()) assert.equal(await tile.locator("svg.icon").count(), 1);
  for (const finding of await page.locator(".finding").all()) assert.ok((await finding.locator(".severity svg.icon").count()) >= 1);
  assert.equal(await style(".mark-error", "text-decoration-style"), "wavy");
  // The option that Enter selects.
  await page.getByRole("combobox", { name: /Find a check/ }).fill("host");
  await options(page).first().waitFor();
  assert.equal(await style('[role="option"][aria-selected="true"]', "outline-style"), "solid");
  await page.keyboard.press("Escape");
  // A removed and an added line of a diff have a sign.
  await page.getByRole("button", { name: /^Fix all/ }).click();
  await eventually("the signs", () => dialog(page).locator(".diff .sign").allTextContents(), (signs) => signs.some((sign) => sign.trim() === "+"));
  await dismiss(page);
  // Matches in the text, and the current one of them.
  await editor(page).focus();
  await page.keyboard.press("Control+f");
  await page.getByRole("search", { name: "Find in the text" }).getByRole("textbox", { name: "Find" }).fill("name");
  await page.locator(".find-match").first().waitFor();
  assert.notEqual(await style(".find-match", "outline-style"), "none");
}, { forcedColors: "active" });
