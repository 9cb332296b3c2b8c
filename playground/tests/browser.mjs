// Shared functions of the page's tests: the server, the browser, pages with checks for errors, and waiting.
// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../scripts/serve.mjs";
import { CHROMIUM_ARGUMENTS, chromiumPath } from "./chromium.mjs";

export { CHROMIUM_ARGUMENTS, chromiumPath };

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} BrowserContext */
/** @typedef {import("playwright-core").BrowserContextOptions} BrowserContextOptions */

export const DIST = fileURLToPath(new URL("../dist", import.meta.url));
/** Not the root, because the page can be served from any path. */
export const BASE = "/some/where/";
/** The time limit of each wait, for slow machines, in milliseconds. */
const TIMEOUT = 15_000;

/** @type {Awaited<ReturnType<typeof serve>> | undefined} */
let site;
/** @type {import("playwright-core").Browser | undefined} */
let sharedBrowser;

export async function siteUrl() {
  site ??= await serve({ directory: DIST, base: BASE });
  return site.url;
}

export async function browser() {
  sharedBrowser ??= await chromium.launch({
    executablePath: chromiumPath(),
    args: CHROMIUM_ARGUMENTS,
  });
  return sharedBrowser;
}

after(async () => {
  await sharedBrowser?.close();
  await site?.close();
});

/**
 * @typedef {object} Visit
 * @property {Page} page
 * @property {BrowserContext} context
 * @property {string} url the page's address
 */

/**
 * A test in its own page. It also fails if the page logs an error or sends a request to another origin.
 * @param {string} name
 * @param {(visit: Visit) => Promise<void>} body
 * @param {BrowserContextOptions & { hash?: string, stay?: boolean, expected?: RegExp }} [options] `stay` does
 *   not open the page; errors that match `expected` are ignored
 */
export function pageTest(name, body, { hash = "", stay = false, expected, ...options } = {}) {
  test(name, { timeout: 120_000 }, async () => {
    const url = await siteUrl();
    const context = await (await browser()).newContext({
      viewport: { width: 1280, height: 720 },
      // It has its own tests; in the others it would load every file twice.
      serviceWorkers: "block",
      ...options,
    });
    context.setDefaultTimeout(TIMEOUT);
    /** @type {string[]} */
    const problems = [];
    /** @type {(problem: string) => void} */
    const record = (problem) => {
      if (!expected?.test(problem)) problems.push(problem);
    };
    context.on("console", (message) => {
      if (message.type() === "error") record(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => record(`exception: ${error.error().stack ?? error.error().message}`));
    context.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) record(`request to ${request.url()}`);
    });
    try {
      const page = await context.newPage();
      if (!stay) await visit(page, url + hash);
      await body({ page, context, url });
    } finally {
      await context.close();
    }
    assert.deepEqual(problems, [], "the page has logged errors or sent requests to other origins");
  });
}

/**
 * Opens the page and waits until it is loaded completely.
 * @param {Page} page
 * @param {string} url
 */
export async function visit(page, url) {
  await page.goto(url);
  await summary(page, /Enforce|There is no pod|cannot be parsed|invalid/);
  // The output of kubectl is that of the whole engine.
  await page.locator(".terminal-output, .terminal-error, .terminal-warning").first().waitFor({ state: "attached" });
}

/**
 * Polls until a value is accepted, and fails with the last value after the time limit.
 * @template T
 * @param {string} description
 * @param {() => Promise<T>} read
 * @param {(value: T) => boolean} accept
 */
export async function eventually(description, read, accept) {
  const end = Date.now() + TIMEOUT;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (Date.now() > end) assert.fail(`${description}: still ${JSON.stringify(value)}`);
    await new Promise((wait) => setTimeout(wait, 25));
  }
}

/**
 * Waits until the page's summary matches, and the findings and all other results are shown: the page shows the summary first.
 * @param {Page} page
 * @param {RegExp} pattern
 */
export function summary(page, pattern) {
  const read = () => page.locator("#summary").evaluate((own) => ({ text: own.textContent ?? "", incomplete: document.querySelector("[aria-busy=true]") !== null }));
  return eventually(`the summary should match ${pattern}`, read, ({ text, incomplete }) => pattern.test(text) && !incomplete);
}

/** @param {Page} page */
export const editor = (page) => page.getByRole("textbox", { name: "Manifests, YAML or JSON" });

/** @param {Page} page */
export const findings = (page) => page.locator(".finding");

/** @param {Page} page */
export const fixes = (page) => page.getByRole("button", { name: /^Fix: / });

/** @param {Page} page */
export const terminal = (page) => page.getByRole("region", { name: "Output of kubectl" });

/** @param {Page} page */
export const options = (page) => page.getByRole("listbox", { name: "Search results" }).getByRole("option");

/** @param {Page} page */
export const dialog = (page) => page.getByRole("dialog").last();

/** The names of the files. @param {Page} page */
export const tabs = (page) => page.getByRole("tablist", { name: "Files" }).getByRole("tab").allTextContents();

/**
 * Closes the dialog by the keyboard, and waits until it is removed and the focus is back in the page.
 * @param {Page} page
 */
export async function dismiss(page) {
  await page.keyboard.press("Escape");
  await eventually("the dialog should close", () => page.getByRole("dialog").count(), (count) => count === 0);
}

/**
 * Replaces the text of the editor by the keyboard.
 * @param {Page} page
 * @param {string} text
 */
export async function write(page, text) {
  await editor(page).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

/**
 * Opens files by the file input.
 * @param {Page} page
 * @param {{ name: string, text: string | Buffer }[]} files
 */
export async function open(page, files) {
  await page.locator("input[type=file]").setInputFiles(
    files.map(({ name, text }) => ({ name, mimeType: "application/yaml", buffer: Buffer.isBuffer(text) ? text : Buffer.from(text) })),
  );
}

/**
 * Opens files after the text is deleted, so that there are no others.
 * @param {Page} page
 * @param {{ name: string, text: string | Buffer }[]} files
 */
export async function reopen(page, files) {
  for (let rest = await page.getByRole("tab").count(); rest > 1; rest -= 1) await page.getByRole("button", { name: "Close the file" }).click();
  await write(page, "");
  await page.keyboard.press("Delete");
  await eventually("the text should be deleted", () => editor(page).textContent(), (text) => text === "");
  await open(page, files);
}

/**
 * The file that the button Download saves.
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
 * The underlined texts in the editor. A mark is split where the syntax highlighting changes.
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

/** A pod with one container and four violations of the level restricted. */
export const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web # the only one
      image: nginx
`;
