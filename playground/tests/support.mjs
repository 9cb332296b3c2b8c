// What all tests of the page share: one server, one browser, pages that are watched, and waiting.
// @ts-check

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../scripts/serve.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} BrowserContext */
/** @typedef {import("playwright-core").BrowserContextOptions} BrowserContextOptions */

export const DIST = fileURLToPath(new URL("../dist", import.meta.url));
/** Not the root: the page has to run from any path. */
export const BASE = "/some/where/";
/** How long anything may take on a slow machine; what does not come by then does not come. */
const PATIENCE = 15_000;

/** No test could reach anything else even if the page let it, and where it tries, that is an error. */
export const CHROMIUM_ARGUMENTS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];

/** The browser's program. */
export const chromiumPath = () =>
  execFileSync(fileURLToPath(new URL("../../scripts/setup-browser", import.meta.url)), ["find"], { encoding: "utf8" }).trim();

/** @type {Awaited<ReturnType<typeof serve>> | undefined} */
let site;
/** @type {import("playwright-core").Browser | undefined} */
let shared;

export async function siteUrl() {
  site ??= await serve({ directory: DIST, base: BASE });
  return site.url;
}

export async function browser() {
  shared ??= await chromium.launch({
    executablePath: chromiumPath(),
    args: CHROMIUM_ARGUMENTS,
  });
  return shared;
}

after(async () => {
  await shared?.close();
  await site?.close();
});

/**
 * @typedef {object} Visit
 * @property {Page} page
 * @property {BrowserContext} context
 * @property {string} url the page's address
 */

/**
 * A test in a page of its own. Whatever it is about, it fails too if the page logs an error or asks anybody
 * else for anything.
 * @param {string} name
 * @param {(visit: Visit) => Promise<void>} body
 * @param {BrowserContextOptions & { hash?: string, stay?: boolean, expected?: RegExp }} [options] `stay` opens
 *   nothing yet; `expected` errors are no failure
 */
export function pageTest(name, body, { hash = "", stay = false, expected, ...options } = {}) {
  test(name, { timeout: 120_000 }, async () => {
    const url = await siteUrl();
    const context = await (await browser()).newContext({
      viewport: { width: 1280, height: 720 },
      // It has tests of its own; in the others it would only load everything twice.
      serviceWorkers: "block",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    /** @type {string[]} */
    const problems = [];
    /** @type {(problem: string) => void} */
    const note = (problem) => {
      if (!expected?.test(problem)) problems.push(problem);
    };
    context.on("console", (message) => {
      if (message.type() === "error") note(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => note(`exception: ${error.error().stack ?? error.error().message}`));
    context.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) note(`request to ${request.url()}`);
    });
    try {
      const page = await context.newPage();
      if (!stay) await visit(page, url + hash);
      await body({ page, context, url });
    } finally {
      await context.close();
    }
    assert.deepEqual(problems, [], "the page has logged errors or asked others for something");
  });
}

/**
 * Opens the page and waits for its first verdict, and for all that comes after it.
 * @param {Page} page
 * @param {string} url
 */
export async function visit(page, url) {
  await page.goto(url);
  await summary(page, /Enforce|There is no pod|cannot be read/);
  await page.locator(".terminal-prompt").waitFor({ state: "attached" });
}

/**
 * Asks until the answer is right, and says what it was if it never is.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} ask
 * @param {(answer: T) => boolean} right
 */
export async function eventually(what, ask, right) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (right(answer)) return answer;
    if (Date.now() > end) assert.fail(`${what}: still ${JSON.stringify(answer)}`);
    await new Promise((wait) => setTimeout(wait, 25));
  }
}

/**
 * Waits until the page's summary says something.
 * @param {Page} page
 * @param {RegExp} pattern
 */
export function summary(page, pattern) {
  return eventually(`the summary should match ${pattern}`, async () => (await page.locator("#summary").textContent()) ?? "", (text) => pattern.test(text));
}

/** @param {Page} page */
export const editor = (page) => page.getByRole("textbox", { name: "Manifests, YAML or JSON" });

/** @param {Page} page */
export const findings = (page) => page.locator(".finding");

/** @param {Page} page */
export const fixes = (page) => page.getByRole("button", { name: /^Fix: / });

/** @param {Page} page */
export const terminal = (page) => page.getByRole("region", { name: "What kubectl prints" });

/** @param {Page} page */
export const options = (page) => page.getByRole("listbox", { name: "Checks that are found" }).getByRole("option");

/** @param {Page} page */
export const dialog = (page) => page.getByRole("dialog").last();

/**
 * Closes the dialog by the keyboard, and waits until it is gone: only then the focus is back in the page.
 * @param {Page} page
 */
export async function dismiss(page) {
  await page.keyboard.press("Escape");
  await eventually("the dialog should close", () => page.getByRole("dialog").count(), (count) => count === 0);
}

/**
 * Puts a text into the editor by the keyboard.
 * @param {Page} page
 * @param {string} text
 */
export async function write(page, text) {
  await editor(page).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

/**
 * Opens files as a user does who picks them.
 * @param {Page} page
 * @param {{ name: string, text: string | Buffer }[]} files
 */
export async function open(page, files) {
  await page.locator("input[type=file]").setInputFiles(
    files.map(({ name, text }) => ({ name, mimeType: "application/yaml", buffer: Buffer.isBuffer(text) ? text : Buffer.from(text) })),
  );
}

/**
 * What a press of Download saves.
 * @param {Page} page
 */
export async function downloaded(page) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download", exact: true }).last().click(),
  ]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

/**
 * The texts that are underlined in the editor. A mark is in pieces where colours of the syntax change.
 * @param {Page} page
 */
export const marks = (page) =>
  editor(page).evaluate((own) => {
    /** @type {string[]} */
    const texts = [];
    for (const line of own.querySelectorAll(".cm-line")) {
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      let before = false;
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const marked = node.parentElement?.closest(".mark") !== null;
        if (marked && before) texts.push(texts.pop() + (node.nodeValue ?? ""));
        else if (marked) texts.push(node.nodeValue ?? "");
        before = marked;
      }
    }
    return texts;
  });

/** A pod with one container, which violates restricted four times, and baseline where it says so. */
export const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web # the only one
      image: nginx
`;
