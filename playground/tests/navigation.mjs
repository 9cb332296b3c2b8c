// Finding text, going to a line or an object, and folding.
// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { dialog, editor, eventually, open, pageTest, POD, summary, write } from "./browser.mjs";
import { largeManifest } from "./largeManifest.mjs";
import { loadModule } from "./modules.mjs";

/** @typedef {import("playwright-core").Page} Page */

/**
 * The number of the line with the cursor, as the gutter shows it.
 * @param {Page} page
 */
const currentLine = (page) => page.locator(".cm-lineNumbers .cm-activeLineGutter").textContent();

/**
 * @param {Page} page
 * @param {number} line
 */
const reached = (page, line) => eventually(`line ${line} should be current`, () => currentLine(page), (text) => text === String(line));

/** @param {Page} page */
const panel = (page) => page.getByRole("search", { name: "Find in the text" });

/** @param {Page} page */
const count = (page) => panel(page).getByRole("status").textContent();

pageTest("the find panel searches the whole text", async ({ page }) => {
  const text = largeManifest();
  await open(page, [{ name: "large.yaml", text }]);
  await summary(page, /54 of 54/);
  await editor(page).focus();
  await page.keyboard.press("Control+f");
  const field = panel(page).getByRole("textbox", { name: "Find" });
  await field.waitFor();
  // A line that is not drawn.
  await page.keyboard.insertText('INDEX: "59"');
  await eventually("one match", () => count(page), (own) => own === "1 of 1");
  await reached(page, text.split("\n").indexOf('    example.com/index: "59"') + 1);
  assert.equal(await field.evaluate((own) => own === document.activeElement), true);
  assert.equal((await page.locator(".find-match").allTextContents()).join(""), 'index: "59"');
  await field.fill("procMount");
  const lines = text.split("\n").flatMap((line, at) => (line.includes("procMount") ? [at + 1] : []));
  // The search begins at the cursor, which is after the last one, so it starts again at the top.
  await eventually("the matches", () => count(page), (own) => own === `1 of ${lines.length}`);
  await reached(page, lines[0] ?? 0);
  await page.keyboard.press("Enter");
  await reached(page, lines[1] ?? 0);
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.press("Shift+Enter");
  await reached(page, lines.at(-1) ?? 0);
  await panel(page).getByLabel("Match case").check();
  await field.fill("PROCMOUNT");
  await eventually("no match", () => count(page), (own) => own === "No matches");
  await panel(page).getByLabel("Match case").uncheck();
  await panel(page).getByLabel("Whole word").check();
  await field.fill("proc");
  await eventually("no whole word", () => count(page), (own) => own === "No matches");
  // A pattern has no special characters.
  await field.fill('["--port", "8080", "--quiet"]');
  await eventually("brackets", () => count(page), (own) => /of 162$/.test(own ?? ""));
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  assert.equal(await editor(page).evaluate((own) => own === document.activeElement), true);
  assert.equal(await page.locator(".find-match").count(), 0);
});

pageTest("the find panel takes the selection, and counts again after a change", async ({ page }) => {
  await write(page, `# web web\n${POD}`);
  await summary(page, /4 findings/);
  await editor(page).getByText("# web web").dblclick({ position: { x: 30, y: 5 } });
  await page.keyboard.press("Control+f");
  const field = panel(page).getByRole("textbox", { name: "Find" });
  assert.equal(await field.inputValue(), "web");
  await eventually("the matches", () => count(page), (own) => own === "1 of 4");
  await editor(page).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("# web\n");
  await eventually("one more", () => count(page), (own) => own === "5 matches");
  await page.keyboard.press("F3");
  await eventually("the next one", () => count(page), (own) => own === "2 of 5");
  await page.keyboard.press("Shift+F3");
  await eventually("the first one", () => count(page), (own) => own === "1 of 5");
});

pageTest("Ctrl+G goes to a line, and Ctrl+Shift+O to an object of any file", async ({ page }) => {
  const text = largeManifest();
  await open(page, [{ name: "large.yaml", text }]);
  await summary(page, /54 of 54/);
  await editor(page).focus();
  await page.keyboard.press("Control+g");
  await dialog(page).getByRole("textbox", { name: "Line" }).fill("4321:5");
  await page.keyboard.press("Enter");
  await reached(page, 4321);
  assert.equal(await editor(page).evaluate((own) => own === document.activeElement), true);
  await page.keyboard.press("Alt+g");
  await dialog(page).getByRole("textbox", { name: "Line" }).fill("x");
  await page.keyboard.press("Enter");
  await dialog(page).getByText(/^Type a number/).waitFor();
  await dialog(page).getByRole("textbox", { name: "Line" }).fill("99999");
  await page.keyboard.press("Enter");
  await reached(page, 6721);
  await page.keyboard.press("Control+Shift+o");
  await dialog(page).getByText("60 of 60").waitFor();
  await dialog(page).getByRole("combobox").fill("configmap settings-4");
  await eventually("the objects", () => dialog(page).getByRole("option").count(), (own) => own === 1);
  assert.match((await dialog(page).getByRole("option").textContent()) ?? "", /^ConfigMap settings-49 shop, line \d+$/);
  await page.keyboard.press("Enter");
  await reached(page, text.split("\n").indexOf("  name: settings-49") - 2);
  await open(page, [{ name: "pod.yaml", text: POD }]);
  await summary(page, /757 findings/);
  await page.keyboard.press("Control+Shift+o");
  await dialog(page).getByRole("combobox").fill("web-1 ");
  await dialog(page).getByRole("option", { name: /web-1 shop, large\.yaml:\d+$/ }).click();
  await reached(page, text.split("\n").indexOf("  name: web-1") - 2);
});

pageTest("blocks and documents can be folded by the keyboard and the pointer", async ({ page }) => {
  const visible = () => editor(page).evaluate((own) => [...own.querySelectorAll(".cm-line")].map((line) => line.textContent ?? ""));
  const text = `${POD}---\n${POD}`;
  await open(page, [{ name: "two.yaml", text }]);
  await summary(page, /8 findings/);
  await editor(page).getByText("containers:").first().click();
  await page.keyboard.press("Control+Shift+[");
  await eventually("the containers should be folded", visible, (lines) => lines[5] === "  containers:\u2026" && lines[6] === "---");
  assert.match((await page.locator("#editor-status").textContent()) ?? "", /^Folded 2 lines below line 6\.$/);
  assert.equal(await page.getByRole("img", { name: "2 folded lines" }).count(), 1);
  await page.keyboard.press("Control+Shift+]");
  await eventually("nothing should be folded", visible, (lines) => lines.join("\n") === text);
  // A finding inside a folded block unfolds it.
  await page.keyboard.press("Control+Shift+[");
  await page.getByRole("button", { name: "Line 7" }).first().click();
  await eventually("the block should be unfolded", visible, (lines) => lines.join("\n") === text);
  await page.keyboard.press("Control+Alt+[");
  await eventually("all documents", visible, (lines) => lines.join("\n") === "apiVersion: v1\u2026\n---\u2026\n");
  await page.keyboard.press("Control+Alt+]");
  await eventually("nothing should be folded", visible, (lines) => lines.join("\n") === text);
  await page.locator(".fold-marker:visible").first().click();
  await eventually("the block of the first marker", visible, (lines) => lines.some((line) => line.endsWith("\u2026")));
  await page.locator(".fold-placeholder").click();
  await eventually("nothing should be folded", visible, (lines) => lines.join("\n") === text);
  // The text is unchanged.
  await summary(page, /8 findings/);
});

test("a line folds the lines that belong to it", async () => {
  /** @type {typeof import("../src/folding.ts")} */
  const { foldRange } = await loadModule("folding.ts");
  const { Text } = await import("@codemirror/state");
  const lines = ["---", "a:", "  b: 1", "", "  # a comment", "  c:", "  - d: 1", "    e: 2", "  - f", "  g: 3", "# the end", "---", "h:", "- 1", "i: 2", "  # below"];
  const doc = Text.of(lines);
  for (const [line, last] of /** @type {[number, number | null][]} */ ([
    [1, 10],
    [2, 10],
    [3, null],
    [4, null],
    [5, null],
    [6, 9],
    [7, 8],
    [8, null],
    [10, null],
    [12, 15],
    [13, 14],
    [15, null],
    [16, null],
  ])) {
    const range = foldRange(doc, line);
    assert.equal(range && doc.lineAt(range.to).number, last, `line ${line}: ${lines[line - 1]}`);
    if (range) assert.equal(range.from, doc.line(line).to);
  }
  assert.equal(foldRange(Text.of(["kind: ["]), 1), null);
});
