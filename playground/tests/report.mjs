// The reports: the command lines for the settings of the page, the module, and the dialog.
// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadModule } from "./modules.mjs";
import { dialog, eventually, open, pageTest, POD, summary, write } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {typeof import("../src/report/commandLine.ts")} */
const { commandLine, shellText } = await loadModule("report/commandLine.ts");
/** @type {typeof import("../src/choices.ts")} */
const { defaultChoices, optionsFor } = await loadModule("choices.ts");

/** @type {(path: string) => string} */
const path = (own) => fileURLToPath(new URL(own, import.meta.url));
/** @type {(page: Page) => Promise<string>} */
const shown = async (page) => (await dialog(page).locator("[data-report]").textContent()) ?? "";
/** @type {(page: Page) => Promise<string>} */
const command = async (page) => (await dialog(page).locator("[data-command]").textContent()) ?? "";

// `cli/tests/formats/page.rs` runs pss with the arguments of this table.
test("settings have the shortest command line with the same verdicts", async () => {
  for (const { case: name, choices: some, files, format, options, arguments: words, settings } of JSON.parse(await readFile(path("commandLines.json"), "utf8"))) {
    const choices = { ...defaultChoices(), ...some };
    const { today, ...own } = optionsFor(choices);
    assert.deepEqual(own, options, name);
    assert.equal(today, new Date().toISOString().slice(0, 10));
    assert.deepEqual(commandLine(choices, files, format, "LINK"), { arguments: words, settings }, name);
  }
});

test("arguments are quoted for a shell", () => {
  for (const [argument, quoted] of [
    ["deploy/web-1.yaml", "deploy/web-1.yaml"],
    ["--namespace-labels=a=b,c=d", "--namespace-labels=a=b,c=d"],
    ["=ls", "'=ls'"],
    ["", "''"],
    ["my pod.yaml", "'my pod.yaml'"],
    ["it's.yaml", "'it'\\''s.yaml'"],
    ["~x", "'~x'"],
    ["$(x)`y`*.yaml", "'$(x)`y`*.yaml'"],
    ["größe.yaml", "'größe.yaml'"],
    ["https://a.example/#1.eJx", "'https://a.example/#1.eJx'"],
  ]) {
    assert.equal(shellText([/** @type {string} */ (argument)]), `pss ${quoted}`);
  }
});

test("the module writes the reports of pss check, byte by byte", async () => {
  const { default: init, report } = await import(path("../engine/pkg/engine.js"));
  await init({ module_or_path: await readFile(path("../engine/pkg/engine_bg.wasm")) });
  const name = "tests/data/web.yaml";
  const text = await readFile(path(`../../${name}`), "utf8");
  const options = { settings: { level: "restricted", namespaceLabels: "honor" } };
  const { version } = JSON.parse(report([], [], options, "json").text).tool;
  for (const [format, extension] of [["text", "txt"], ["markdown", "md"], ["json", "json"], ["sarif", "sarif"]]) {
    const expected = await readFile(path(`../../cli/tests/snapshots/page.${format}.${extension}`), "utf8");
    const own = report([name], [text], options, format);
    assert.equal(own.text.replaceAll(`"${version}"`, '"VERSION"'), expected);
    assert.deepEqual(own.errors, []);
  }
  assert.deepEqual(report([], [], { settings: { level: "x" } }, "json").errors.map((/** @type {{ path: string }} */ { path }) => path), ["settings.level"]);
});

pageTest("the report can be chosen, copied and downloaded, with its command line", async ({ page }) => {
  /** @type {string[]} */
  const requests = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""));
  const isLoaded = () => requests.some((name) => name.startsWith("dialog"));
  await open(page, [{ name: "a b.yaml", text: POD }, { name: "c.yaml", text: POD }]);
  await summary(page, /Enforce/);
  assert.ok(!isLoaded());
  await page.getByRole("button", { name: "Report" }).click();
  await eventually("the report", () => shown(page), (text) => text.startsWith("## Pod Security Standards: 2 of 2 pods and workloads rejected\n"));
  assert.ok(isLoaded());
  assert.equal(await command(page), "pss check --format=markdown 'a b.yaml' c.yaml");
  await dialog(page).getByRole("button", { name: "Copy", exact: true }).click();
  await dialog(page).getByText("Copied.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await shown(page));
  await dialog(page).getByLabel("Format").selectOption("SARIF");
  await eventually("the SARIF log", () => shown(page), (text) => text.startsWith('{"$schema"'));
  assert.equal(await command(page), "pss check --format=sarif 'a b.yaml' c.yaml");
  const waiting = page.waitForEvent("download");
  await dialog(page).getByRole("button", { name: "Download", exact: true }).click();
  const file = await waiting;
  assert.equal(file.suggestedFilename(), "pod-security-report.sarif");
  assert.equal(JSON.parse(await readFile(await file.path(), "utf8")).runs[0].results.length, 8);
  await dialog(page).getByRole("button", { name: "Copy command" }).click();
  await eventually("the command", () => page.evaluate(() => navigator.clipboard.readText()), (text) => text.startsWith("pss check"));
}, { permissions: ["clipboard-read", "clipboard-write"] });

pageTest("all findings are printed, without the page", async ({ page }) => {
  await open(page, [{ name: "a.yaml", text: POD }, { name: "b.yaml", text: "kind: [" }]);
  await summary(page, /Enforce/);
  await page.evaluate(() => {
    window.print = () => {};
  });
  await page.getByRole("button", { name: "Report" }).click();
  await dialog(page).getByRole("button", { name: "Print" }).click();
  await page.locator(".printed-report").waitFor({ state: "attached" });
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".printed-report li:visible").count(), 5);
  assert.deepEqual(await page.locator(".printed-report h2").allTextContents(), ["a.yaml: Pod default/web", "b.yaml"]);
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(await page.locator("main:visible").count(), 0);
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  assert.equal(await page.locator(".printed-report").count(), 0);
  await dialog(page).waitFor();
});

pageTest("errors in the settings are reported in place of a report", async ({ page }) => {
  await write(page, POD);
  await page.locator("details.more > summary").click();
  await page.getByLabel(/^Further settings/).fill("level: high\n");
  await page.getByRole("button", { name: "Report" }).click();
  await dialog(page).getByText("settings.level").waitFor();
  assert.equal(await shown(page), "");
});
