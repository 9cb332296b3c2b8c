// Compares the speed of two builds of the page in one run, in turns, with a throttled CPU: `node tests/benchmark.mjs BASE [DIRECTORY]`,
// each a directory of a built page. It prints the medians and their ratios, and fails if a ratio or a task exceeds its limit.
// @ts-check

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../scripts/serve.mjs";
import { CHROMIUM_ARGUMENTS, chromiumPath } from "./chromium.mjs";
import { largeManifest } from "./largeManifest.mjs";
import { longestTask } from "./longestTask.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ firstVerdict: number, keyToVerdict: number[], longestTask: number, fixAll: number, fixAllTask: number, elements: number }} Sample */

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const KEYS = 12;
const THROTTLING = 4;

const [base, own = fileURLToPath(new URL("../dist", import.meta.url))] = process.argv.slice(2);
if (base === undefined) {
  console.error("benchmark: name the directory of the build to compare with, or use `make bench-page`.");
  process.exit(2);
}

const text = largeManifest();
const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGUMENTS });

/** Records when the summary changes and when a dialog shows a diff, each after it is rendered. Runs in the page. */
function observe() {
  const state = { start: 0, verdict: 0, dialog: 0 };
  Object.assign(globalThis, { benchmark: state });
  const rendered = (/** @type {"verdict" | "dialog"} */ name) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      // The message arrives after the frame.
      channel.port1.onmessage = () => (state[name] ||= performance.now());
      channel.port2.postMessage(null);
    });
  let last = "";
  new MutationObserver(() => {
    const summary = document.getElementById("summary")?.textContent ?? "";
    if (summary !== last && /Enforce/.test(summary)) rendered("verdict");
    last = summary;
    if (document.querySelector("dialog[open] .diff .added")) rendered("dialog");
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  for (const type of ["keydown", "click"]) addEventListener(type, (event) => Object.assign(state, { start: event.timeStamp, verdict: 0, dialog: 0 }), true);
}

/** @param {Page} page @param {"verdict" | "dialog"} name */
async function timeUntil(page, name) {
  await page.waitForFunction((own) => /** @type {any} */ (globalThis).benchmark[own] > 0, name, { polling: 50 });
  return page.evaluate((own) => /** @type {any} */ (globalThis).benchmark[own] - /** @type {any} */ (globalThis).benchmark.start, name);
}

/**
 * @param {string} url
 * @returns {Promise<Sample>}
 */
async function sample(url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, serviceWorkers: "block" });
  context.setDefaultTimeout(60_000);
  try {
    const page = await context.newPage();
    await page.addInitScript(observe);
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLING });
    await page.goto(url);
    const firstVerdict = await timeUntil(page, "verdict");
    await page.locator(".terminal-prompt").waitFor({ state: "attached" });
    await page.locator("input[type=file]").setInputFiles([{ name: "large.yaml", mimeType: "application/yaml", buffer: Buffer.from(text) }]);
    await page.waitForFunction(() => /54 of 54/.test(document.getElementById("summary")?.textContent ?? ""));
    // A line in the middle of the text: a comment sign before it removes a finding.
    const line = text.split("\n").findIndex((own, at) => at > 3000 && own === "      hostNetwork: true");
    await page.locator(".cm-scroller").evaluate((own, part) => (own.scrollTop = part * own.scrollHeight - 100), line / text.split("\n").length);
    await page.locator(".cm-line", { hasText: "hostNetwork: true" }).first().click();
    await page.keyboard.press("Home");
    await page.waitForTimeout(1500);
    /** @type {number[]} */
    const keyToVerdict = [];
    const longest = await longestTask(browser, page, async () => {
      for (let key = 0; key < KEYS; key += 1) {
        await page.keyboard.press(key % 2 ? "Backspace" : "#");
        keyToVerdict.push(await timeUntil(page, "verdict"));
        await page.waitForTimeout(400);
      }
    });
    let fixAll = 0;
    const fixAllTask = await longestTask(browser, page, async () => {
      await page.locator("#fix-all").click();
      fixAll = await timeUntil(page, "dialog");
      await page.waitForTimeout(500);
    });
    const elements = await page.evaluate(() => document.querySelectorAll("dialog[open] *").length);
    return { firstVerdict, keyToVerdict, longestTask: longest, fixAll, fixAllTask, elements };
  } finally {
    await context.close();
  }
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const sites = [await serve({ directory: resolve(base), base: "/" }), await serve({ directory: resolve(own), base: "/" })];
/** @type {[Sample[], Sample[]]} */
const samples = [[], []];
for (let round = 0; round < ROUNDS; round += 1) {
  for (const side of round % 2 ? [1, 0] : [0, 1]) samples[/** @type {0 | 1} */ (side)].push(await sample(sites[side]?.url ?? ""));
}
await browser.close();
for (const site of sites) await site.close();

/** @type {{ name: string, unit: string, of: (own: Sample) => number[], ratio?: number, most?: number }[]} */
const FIGURES = [
  { name: "first verdict", unit: "ms", of: (own) => [own.firstVerdict], ratio: 1.1 },
  { name: "key to verdict", unit: "ms", of: (own) => own.keyToVerdict, ratio: 0.3 },
  { name: "longest task while typing", unit: "ms", of: (own) => [own.longestTask], most: 50 },
  { name: "Fix all, to its diff", unit: "ms", of: (own) => [own.fixAll], ratio: 0.2 },
  { name: "Fix all, longest task", unit: "ms", of: (own) => [own.fixAllTask], ratio: 0.2 },
  { name: "Fix all, elements", unit: "", of: (own) => [own.elements], ratio: 0.2 },
];

let failed = false;
console.log(`A manifest of ${text.trimEnd().split("\n").length.toLocaleString("en")} lines and 60 documents, CPU throttling of ${THROTTLING}, medians of ${ROUNDS} runs`);
console.log(`${"".padEnd(28)}${"base".padStart(12)}${"page".padStart(12)}${"ratio".padStart(10)}${"limit".padStart(12)}`);
for (const { name, unit, of, ratio, most } of FIGURES) {
  const [before, after] = samples.map((side) => median(side.flatMap(of)));
  if (before === undefined || after === undefined) continue;
  const limit = ratio === undefined ? `${most} ${unit}` : `x ${ratio}`;
  const ok = ratio === undefined ? after <= (most ?? Infinity) : after / before <= ratio;
  failed ||= !ok;
  const figure = (/** @type {number} */ value) => `${value.toFixed(0)} ${unit}`.trim().padStart(12);
  console.log(`${name.padEnd(28)}${figure(before)}${figure(after)}${`x ${(after / before).toFixed(2)}`.padStart(10)}${limit.padStart(12)}  ${ok ? "ok" : "EXCEEDED"}`);
}
process.exit(failed ? 1 : 0);
