// The screenshot of the page for the README. It is written only with SCREENSHOT=1, so that a test run changes no file.
// @ts-check

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { eventually, marks, pageTest } from "./browser.mjs";

const FILE = fileURLToPath(new URL("../../docs/playground.png", import.meta.url));

pageTest("a screenshot of the page can be taken", async ({ page }) => {
  await eventually("the marks", () => marks(page), (all) => all.length > 0);
  const screenshot = await page.screenshot({ animations: "disabled", caret: "hide" });
  assert.ok(screenshot.length > 10_000);
  if (process.env["SCREENSHOT"] !== "1") return;
  await mkdir(fileURLToPath(new URL("../../docs", import.meta.url)), { recursive: true });
  await writeFile(FILE, screenshot);
  console.log(`wrote ${FILE}`);
}, { viewport: { width: 1280, height: 800 }, colorScheme: "light" });
