// What keeps the page to itself, and alive without a network.
// @ts-check

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../scripts/serve.mjs";
import { DIST, eventually, pageTest, POD, summary, visit, write } from "./support.mjs";

pageTest("the page would be stopped if it asked anybody else", async ({ page }) => {
  const policy = await page.evaluate(() => document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content") ?? "");
  for (const part of ["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'"]) assert.ok(policy.includes(part), policy);
  assert.ok(!/unsafe-inline|'unsafe-eval'|\*|http/.test(policy), policy);
  const tries = await page.evaluate(async () => {
    /** @type {string[]} */
    const stopped = [];
    document.addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
    await fetch("http://127.0.0.1:9/").catch(() => {});
    navigator.sendBeacon("http://127.0.0.1:9/", "x");
    for (const [tag, attribute] of [["img", "src"], ["script", "src"], ["iframe", "src"]]) {
      const element = document.createElement(/** @type {string} */ (tag));
      element.setAttribute(/** @type {string} */ (attribute), "http://127.0.0.1:9/");
      document.body.append(element);
    }
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: "http://127.0.0.1:9/" });
    document.head.append(style);
    for (let wait = 0; wait < 200 && stopped.length < 6; wait += 1) await new Promise((done) => setTimeout(done, 20));
    return stopped.sort();
  });
  assert.deepEqual(tries, ["connect-src", "connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"]);
}, { expected: /Content Security Policy|127\.0\.0\.1:9\/|ERR_BLOCKED_BY_CSP/ });

pageTest("after the first load the page works without a network", async ({ page, context, url }) => {
  await visit(page, url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await context.setOffline(true);
  // No request reaches the server from here on, whatever the browser keeps by itself.
  await page.reload();
  await summary(page, /pods rejected/);
  await write(page, POD);
  await summary(page, /4 findings/);
  await page.getByRole("button", { name: "Checks" }).click();
  await page.getByRole("dialog").locator("[data-check]").first().waitFor();
  const another = await context.newPage();
  await visit(another, `${url}index.html`);
}, { serviceWorkers: "allow", stay: true });

pageTest("a new version takes the place of the old one, and leaves nothing of it behind", async ({ page }) => {
  const directory = await mkdtemp(join(tmpdir(), "page-"));
  await cp(DIST, directory, { recursive: true });
  const server = await serve({ directory, base: "/moving/" });
  try {
    await visit(page, server.url);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    const keys = () => page.evaluate(() => caches.keys());
    const before = await keys();
    assert.equal(before.length, 1);
    const index = join(directory, "index.html");
    await writeFile(index, (await readFile(index, "utf8")).replace("<title>", "<title>New "));
    const worker = join(directory, "sw.js");
    await writeFile(worker, (await readFile(worker, "utf8")).replace(/^const VERSION = "\w+"/, 'const VERSION = "new"'));
    await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.update()).then(() => {}));
    await eventually("the new version should be there", keys, (names) => names.some((name) => name.endsWith(" new")));
    await eventually("the new page should show", async () => {
      // A page that is opened while one worker gives way to the other may have to be opened again.
      await page.goto(server.url, { waitUntil: "domcontentloaded" });
      return page.title();
    }, (title) => title.startsWith("New "));
    await eventually("the old version should be gone", keys, (names) => names.length === 1 && !before.includes(names[0] ?? ""));
    await visit(page, server.url);
    assert.match(await page.title(), /^New /);
  } finally {
    await server.close();
    await rm(directory, { recursive: true });
  }
}, { serviceWorkers: "allow", stay: true, expected: /^request to http:\/\/127\.0\.0\.1:\d+\/moving\// });

pageTest("without service workers and storage the page works all the same", async ({ page, url }) => {
  await page.addInitScript(() => {
    // @ts-expect-error it can be missing
    delete Navigator.prototype.serviceWorker;
    Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("forbidden", "SecurityError"); } });
  });
  await visit(page, url);
  await page.getByRole("button", { name: /^Theme/ }).click();
  await write(page, POD);
  await summary(page, /4 findings/);
}, { stay: true });
