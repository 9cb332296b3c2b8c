// What keeps the page to itself, and alive without a network.
// @ts-check

import assert from "node:assert/strict";
import { pageTest, POD, summary, visit, write } from "./support.mjs";

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
