// Updates of the service worker: the page is opened repeatedly while a new version replaces the old one.
//
// The browser is not controlled by Playwright, which pauses each service worker when it starts; a worker that is being
// replaced sometimes does not continue, and the page waits for it. Instead, a page of the test opens the page in a frame and
// reports the results.
// @ts-check

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { serve } from "../scripts/serve.mjs";
import { CHROMIUM_ARGUMENTS, chromiumPath, DIST } from "./browser.mjs";

const ROUNDS = 5;

/** @typedef {{ round: number, title: string, milliseconds: number | null }} Visit */

/**
 * Runs in the page of the test. In each round it opens the page in a frame, updates the service worker to the next version,
 * and opens the page again until it is of that version. In the first round another page of the version before stays open for a while.
 * @param {string} control the URL that starts the next version and receives the results
 * @param {number} rounds
 */
async function openInRounds(control, rounds) {
  /** @type {Visit[]} */
  const visits = [];
  /** @type {string[][]} */
  const cacheNames = [];
  /** @type {string[]} */
  let namesWithEarlierPage = [];
  /** @type {(milliseconds: number) => Promise<void>} */
  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const addFrame = () => {
    const added = document.createElement("iframe");
    added.src = "page/";
    document.body.append(added);
    return added;
  };
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  /** @type {(round: number) => Promise<string>} */
  const open = async (round) => {
    frame?.remove();
    frame = addFrame();
    const start = performance.now();
    // The output of kubectl is shown after the first verdict.
    const isLoaded = () => frame?.contentDocument?.querySelector(".terminal-prompt");
    while (!isLoaded() && performance.now() - start < 15_000) await wait(10);
    const title = frame.contentDocument?.title ?? "";
    visits.push({ round, title, milliseconds: isLoaded() ? performance.now() - start : null });
    return title;
  };
  try {
    await open(0);
    await frame?.contentWindow?.navigator.serviceWorker.ready;
    const earlierPage = addFrame();
    await new Promise((done) => (earlierPage.onload = done));
    for (let round = 1; round <= rounds; round += 1) {
      await fetch(`${control}next`, { mode: "no-cors" });
      // By this page, because removing the frame would cancel the update.
      const registration = await navigator.serviceWorker.getRegistration("page/");
      await registration?.update();
      await wait(10 * round);
      for (let tries = 0; tries < 50 && !(await open(round)).startsWith(`Version ${round} `); tries += 1);
      if (round === 1) {
        await wait(1500);
        namesWithEarlierPage = await caches.keys();
        earlierPage.remove();
      }
      // The old version is deleted when a page is loaded and no page of the old version is open any more.
      for (let tries = 0; tries < 10 && (await caches.keys()).length > 1; tries += 1) {
        await open(round);
        for (let waits = 0; waits < 100 && (await caches.keys()).length > 1; waits += 1) await wait(20);
      }
      cacheNames.push(await caches.keys());
    }
  } finally {
    await fetch(`${control}done`, { method: "POST", mode: "no-cors", body: JSON.stringify({ visits, cacheNames, namesWithEarlierPage }) });
  }
}

test("a page that is opened while a new version replaces the old one shows its verdict", { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "page-"));
  const page = join(directory, "page");
  await cp(DIST, page, { recursive: true });
  const index = await readFile(join(page, "index.html"), "utf8");
  const worker = await readFile(join(page, "sw.js"), "utf8");
  let version = 0;
  /** @type {(text: string) => void} */
  let report = () => {};
  /** @type {Promise<string>} */
  const reported = new Promise((resolve) => (report = resolve));
  const control = createServer(async (request, response) => {
    if (request.url === "/next") {
      version += 1;
      await writeFile(join(page, "index.html"), index.replace("<title>", `<title>Version ${version} `));
      await writeFile(join(page, "sw.js"), worker.replace(/^const VERSION = "\w+"/, `const VERSION = "${version}"`));
    } else if (request.url === "/done") {
      let text = "";
      for await (const part of request) text += part;
      report(text);
    }
    response.end();
  }).listen(0, "127.0.0.1");
  await once(control, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (control.address());
  const call = `(${openInRounds})("http://127.0.0.1:${address.port}/", ${ROUNDS})`;
  await writeFile(join(directory, "index.html"), `<!doctype html><title>Versions</title><body><script>${call}</script>`);
  const site = await serve({ directory });
  const profile = join(directory, "profile");
  const browser = spawn(chromiumPath(), ["--headless=new", ...CHROMIUM_ARGUMENTS, `--user-data-dir=${profile}`, site.url], { stdio: "ignore" });
  try {
    const ended = once(browser, "exit").then(() => assert.fail("the browser has exited"));
    /** @type {{ visits: Visit[], cacheNames: string[][], namesWithEarlierPage: string[] }} */
    const { visits, cacheNames, namesWithEarlierPage } = JSON.parse(await Promise.race([reported, ended]));
    assert.deepEqual(visits.filter(({ milliseconds }) => milliseconds === null), [], "a page has no verdict");
    assert.match(visits.at(-1)?.title ?? "", new RegExp(`^Version ${ROUNDS} `));
    assert.equal(namesWithEarlierPage.length, 2, "an open page should keep its version");
    assert.equal(cacheNames.length, ROUNDS);
    cacheNames.forEach((names, round) => assert.match(names.join(), new RegExp(`^[^,]* ${round + 1}$`), "only the new version should be left"));
  } finally {
    browser.removeAllListeners("exit");
    browser.kill();
    await site.close();
    control.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});
