// A page that is opened again and again while a new version of it takes the place of the old one.
//
// In a browser that nobody drives: Playwright holds each service worker when it starts, and now and then one
// that is just being replaced never goes on; the page that it serves then waits in vain. So a page of the
// test's own opens the page in a frame and tells what it saw.
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
import { CHROMIUM_ARGUMENTS, chromiumPath, DIST } from "./support.mjs";

const ROUNDS = 5;

/** @typedef {{ round: number, title: string, milliseconds: number | null }} Opened */

/**
 * Runs in the test's own page: opens the page in a frame, has the browser find the next version, and opens the
 * page while that is installed and takes over, until it shows; so for all rounds.
 * @param {string} teller where to ask for the next version, and to tell what was seen
 * @param {number} rounds
 */
async function watch(teller, rounds) {
  /** @type {Opened[]} */
  const opened = [];
  /** @type {string[][]} */
  const kept = [];
  /** @type {(milliseconds: number) => Promise<void>} */
  const pass = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  /** @type {(round: number) => Promise<string>} */
  const open = async (round) => {
    frame?.remove();
    frame = document.createElement("iframe");
    frame.src = "page/";
    document.body.append(frame);
    const start = performance.now();
    // What kubectl would print comes after the first verdict.
    const isThere = () => frame?.contentDocument?.querySelector(".terminal-prompt");
    while (!isThere() && performance.now() - start < 15_000) await pass(10);
    const title = frame.contentDocument?.title ?? "";
    opened.push({ round, title, milliseconds: isThere() ? performance.now() - start : null });
    return title;
  };
  try {
    await open(0);
    await frame?.contentWindow?.navigator.serviceWorker.ready;
    for (let round = 1; round <= rounds; round += 1) {
      await fetch(`${teller}next`, { mode: "no-cors" });
      // Asked by this page, for with a frame ends what it asked for.
      const registration = await navigator.serviceWorker.getRegistration("page/");
      await registration?.update();
      await pass(10 * round);
      for (let tries = 0; tries < 50 && !(await open(round)).startsWith(`Version ${round} `); tries += 1);
      // Once more, for it forgets the old version when it is opened alone.
      await open(round);
      for (let tries = 0; tries < 200 && (await caches.keys()).length > 1; tries += 1) await pass(20);
      kept.push(await caches.keys());
    }
  } finally {
    await fetch(`${teller}done`, { method: "POST", mode: "no-cors", body: JSON.stringify({ opened, kept }) });
  }
}

test("a new version takes the place of the old one, and a page that is opened meanwhile has its verdict", { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "page-"));
  const page = join(directory, "page");
  await cp(DIST, page, { recursive: true });
  const index = await readFile(join(page, "index.html"), "utf8");
  const worker = await readFile(join(page, "sw.js"), "utf8");
  let version = 0;
  /** @type {(text: string) => void} */
  let tell = () => {};
  /** @type {Promise<string>} */
  const told = new Promise((resolve) => (tell = resolve));
  const teller = createServer(async (request, response) => {
    if (request.url === "/next") {
      version += 1;
      await writeFile(join(page, "index.html"), index.replace("<title>", `<title>Version ${version} `));
      await writeFile(join(page, "sw.js"), worker.replace(/^const VERSION = "\w+"/, `const VERSION = "${version}"`));
    } else if (request.url === "/done") {
      let text = "";
      for await (const part of request) text += part;
      tell(text);
    }
    response.end();
  }).listen(0, "127.0.0.1");
  await once(teller, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (teller.address());
  const call = `(${watch})("http://127.0.0.1:${address.port}/", ${ROUNDS})`;
  await writeFile(join(directory, "index.html"), `<!doctype html><title>Versions</title><body><script>${call}</script>`);
  const site = await serve({ directory });
  const profile = join(directory, "profile");
  const browser = spawn(chromiumPath(), ["--headless=new", ...CHROMIUM_ARGUMENTS, `--user-data-dir=${profile}`, site.url], { stdio: "ignore" });
  try {
    const ended = once(browser, "exit").then(() => assert.fail("the browser has ended"));
    /** @type {{ opened: Opened[], kept: string[][] }} */
    const { opened, kept } = JSON.parse(await Promise.race([told, ended]));
    assert.deepEqual(opened.filter(({ milliseconds }) => milliseconds === null), [], "a page waits for its verdict");
    assert.match(opened.at(-1)?.title ?? "", new RegExp(`^Version ${ROUNDS} `));
    assert.equal(kept.length, ROUNDS);
    kept.forEach((names, round) => assert.match(names.join(), new RegExp(`^[^,]* ${round + 1}$`), "only the new version should be left"));
  } finally {
    browser.removeAllListeners("exit");
    browser.kill();
    await site.close();
    teller.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});
