// Findings of an earlier version: while a document cannot be parsed they stay, and only there.
// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModule } from "./modules.mjs";
import { editor, eventually, findings, marks, open, pageTest, POD, summary, write } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {typeof import("../src/documentViews.ts")} */
const { createDocumentViews, similarity } = await loadModule("documentViews.ts");

const COMPOSE = `services:
  web:
    image: nginx
    ports:
      - "80:80"
   volumes: [
`;
const named = (/** @type {string} */ name) => POD.replace("name: web\n", `name: ${name}\n`);
/** @type {(page: Page, name: string) => import("playwright-core").Locator} */
const section = (page, name) => page.locator(`.document[data-document="${name}"]`);
/** @param {Page} page */
const gutterLines = (page) =>
  page.evaluate(() => {
    const icons = [...document.querySelectorAll(".gutter-icon")].map((icon) => icon.getBoundingClientRect().top);
    return [...document.querySelectorAll(".cm-line")].flatMap((line, at) => {
      const { top, bottom } = line.getBoundingClientRect();
      return icons.some((own) => own >= top - 2 && own < bottom) ? [at + 1] : [];
    });
  });

test("the similarity is the part of the lines that stayed", () => {
  assert.equal(similarity("a\nb\nc\nd\n", "a\n\nb\nx\ny\n"), 0.5);
  assert.equal(similarity("a\na\n", "a\n"), 0.5);
  assert.equal(similarity("a\r\nb\r\n", "b \na"), 1);
  assert.equal(similarity("", "a"), 0);
});

test("documents are matched by their identity and text, not by their place", () => {
  const position = (/** @type {number} */ line, /** @type {number} */ offset) => ({ line, column: 1, offset });
  /** @type {(text: string, documents: [string, string, string][]) => [any, any]} */
  const report = (text, documents) => {
    const parts = text.split("---\n");
    let [line, offset] = [1, 0];
    return [
      {
        errors: [],
        warnings: [],
        terminal: [],
        documents: parts.map((part, index) => {
          const start = position(line, offset);
          line += part.split("\n").length;
          const end = position(line - 1, offset + part.length);
          offset += part.length + 4;
          const [kind, name, status] = documents[index] ?? ["", "", "invalid"];
          return {
            file: 0, index, item: null, kind, name, namespace: "", status, range: { start, end }, diagnostics: [], exempted: [], changes: [],
            findings: status === "invalid" ? [] : [{ range: { start: { ...start, line: start.line + 2 }, end: { ...start, line: start.line + 2 } } }],
          };
        }),
      },
      [{ name: "a.yaml", text }],
    ];
  };
  const one = "kind: Pod\nname: one\nspec: 1\nimage: a\n";
  const two = "kind: Pod\nname: two\nspec: 2\nimage: b\n";
  const views = createDocumentViews();
  views.update(...report(`${one}---\n${two}`, [["Pod", "one", "judged"], ["Pod", "two", "judged"]]));
  // The first one is removed, and the second one is invalid, in the place of the first one.
  const [first] = views.update(...report(two.replace("image:", "image: ["), [["", "", "invalid"]]));
  assert.deepEqual([first?.stale, first?.document.name], ["invalid", "two"]);
  // A line above the change keeps its distance from the start.
  assert.equal(first?.document.findings[0]?.range.start.line, 3);
  // A line is added above it.
  const [again] = views.update(...report(`# new\n${two.replace("image:", "image: [")}`, [["", "", "invalid"]]));
  assert.deepEqual([again?.stale, again?.document.findings[0]?.range.start.line], ["invalid", 4]);
  // Another object in its place.
  const [other] = views.update(...report("kind: Service\nname: x\nports: [\n", [["", "", "invalid"]]));
  assert.deepEqual([other?.stale, other?.document.findings.length], [null, 0]);
  // What has been dropped does not come back.
  const [back] = views.update(...report(two.replace("image:", "image: ["), [["", "", "invalid"]]));
  assert.equal(back?.stale, null);
  // With the same lines, but another kind.
  views.update(...report(two, [["Pod", "two", "judged"]]));
  assert.equal(views.update(...report(two.replace("Pod", "Job"), [["Job", "two", "invalid"]]))[0]?.stale, null);
});

pageTest("a text of something else shows its error alone", async ({ page }) => {
  await summary(page, /Enforce restricted:latest: pods rejected, 6 findings/);
  await write(page, COMPOSE);
  await summary(page, /^1 document cannot be parsed\.$/);
  assert.equal(await findings(page).count(), 1);
  assert.equal(await page.locator(".stale").count(), 0);
  assert.equal(await page.locator(".tiles").isVisible(), false);
  await eventually("only the error is marked", () => gutterLines(page), (lines) => lines.length === 1 && (lines[0] ?? 9) <= 6);
  assert.ok(!/Deployment/.test((await page.locator("#findings").textContent()) ?? ""));
});

pageTest("an invalid document that moved keeps its findings, marks and lines", async ({ page }) => {
  await open(page, [{ name: "two.yaml", text: `${named("first")}---\n${named("second")}` }]);
  await summary(page, /2 of 2: rejected, 8 findings/);
  await editor(page).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("      command: [\n");
  await summary(page, /1 document cannot be parsed.*earlier results/);
  const second = section(page, "Pod second");
  assert.equal(await second.locator(".finding.stale").count(), 4);
  assert.equal(await second.locator(".finding.stale").getByRole("button", { name: "Line 16" }).first().isDisabled(), true);
  await second.getByText("This document cannot be parsed. Its findings are from its last valid version.").waitFor();
  // The first document is deleted, so that the second one is in its place.
  await page.keyboard.press("Control+Home");
  for (let line = 0; line < 9; line += 1) await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Delete");
  await eventually("the first document should go", () => section(page, "Pod first").count(), (count) => count === 0);
  assert.equal(await second.locator(".finding.stale").count(), 4);
  assert.equal(await second.locator(".finding.stale").getByRole("button", { name: "Line 7" }).first().isDisabled(), true);
  await eventually("its marks stay", () => marks(page), (texts) => texts.includes("name: web"));
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("]\n");
  await summary(page, /^(?!.*cannot be parsed).*rejected, 4 findings/);
  assert.equal(await page.locator(".stale").count(), 0);
});

pageTest("another text while the settings are invalid shows no earlier findings", async ({ page }) => {
  await write(page, POD);
  await summary(page, /rejected, 4 findings/);
  await page.getByText("Modes, namespace, exemptions").click();
  await page.getByLabel("Users", { exact: true }).fill("a, a");
  await summary(page, /settings are invalid, so nothing was evaluated\. The page shows earlier results/);
  await page.getByText("The document was not evaluated with these settings").waitFor();
  await write(page, COMPOSE);
  await summary(page, /settings are invalid, so nothing was evaluated\.$/);
  assert.equal(await findings(page).count(), 0);
});
