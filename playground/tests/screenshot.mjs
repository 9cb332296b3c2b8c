// The picture of the page for the README; made only when it is asked for, so that a test run changes no file.
// @ts-check

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { eventually, marks, pageTest } from "./support.mjs";

const FILE = fileURLToPath(new URL("../../docs/playground.png", import.meta.url));

pageTest("the page can be put into a picture", async ({ page }) => {
  await eventually("the marks", () => marks(page), (all) => all.length > 0);
  const picture = await page.screenshot({ animations: "disabled", caret: "hide" });
  assert.ok(picture.length > 10_000);
  if (process.env["SCREENSHOT"] !== "1") return;
  await mkdir(fileURLToPath(new URL("../../docs", import.meta.url)), { recursive: true });
  await writeFile(FILE, picture);
  console.log(`wrote ${FILE}`);
}, { viewport: { width: 1280, height: 800 }, colorScheme: "light" });
