// Isolation: the Content-Security-Policy, and the page without a network.
// @ts-check

import assert from "node:assert/strict";
import { pageTest, POD, summary, visit, write } from "./browser.mjs";

pageTest("the Content-Security-Policy blocks everything from other origins but requests by HTTPS", async ({ page }) => {
  const policy = await page.evaluate(() => document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content") ?? "");
  const directives = policy.split("; ");
  for (const part of ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]) assert.ok(directives.includes(part), policy);
  // Manifests from URLs need requests to any server, and nothing else does.
  const connections = directives.filter((directive) => directive.startsWith("connect-src"));
  assert.deepEqual(connections, ["connect-src 'self' https:"]);
  const others = directives.filter((directive) => !connections.includes(directive)).join("; ");
  assert.ok(!/unsafe-inline|'unsafe-eval'|\*|http/.test(others), policy);
  const blockedDirectives = await page.evaluate(async () => {
    /** @type {string[]} */
    const blocked = [];
    document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
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
    for (let wait = 0; wait < 200 && blocked.length < 6; wait += 1) await new Promise((done) => setTimeout(done, 20));
    return blocked.sort();
  });
  assert.deepEqual(blockedDirectives, ["connect-src", "connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"]);
}, { expected: /Content Security Policy|127\.0\.0\.1:9\/|ERR_BLOCKED_BY_CSP/ });

pageTest("the page sends no request while it is used", async ({ page, context, url }) => {
  /** @type {string[]} */
  const requests = [];
  context.on("request", (request) => void (/^(data|blob):/.test(request.url()) || requests.push(request.url())));
  await write(page, `${POD}# https://example.com/pod.yaml\n---\nurl: https://example.com/\n`);
  await summary(page, /4 findings/);
  await page.getByRole("button", { name: /^Fix: / }).first().click();
  await summary(page, /3 findings/);
  await page.getByRole("combobox", { name: /Find a check/ }).fill("https://example.com/pod.yaml");
  await page.getByText("No check and no object has these words.").first().waitFor();
  // An address in the text or in the search is no reason for a request, nor is one that is entered but not confirmed.
  await page.getByRole("button", { name: "From a URL…" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("https://example.com/pod.yaml");
  await page.getByRole("dialog").getByRole("button", { name: "Open from example.com" }).waitFor();
  await page.keyboard.press("Escape");
  await page.evaluate(() => (location.hash = "url=https://example.com/pod.yaml"));
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  // Only files of the page.
  const files = new RegExp(`^${url}(favicon\\.svg|assets/[\\w.-]+\\.(js|css|wasm))$`);
  assert.deepEqual(requests.filter((request) => !files.test(request)), []);
});

pageTest("the page works without a network after its first load", async ({ page, context, url }) => {
  await visit(page, url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await context.setOffline(true);
  // From here on no request reaches the server.
  await page.reload();
  await summary(page, /pods rejected/);
  await write(page, POD);
  await summary(page, /4 findings/);
  await page.getByRole("button", { name: "Checks" }).click();
  await page.getByRole("dialog").locator("[data-check]").first().waitFor();
  const another = await context.newPage();
  await visit(another, `${url}index.html`);
}, { serviceWorkers: "allow", stay: true });

pageTest("the page works without service workers and storage", async ({ page, url }) => {
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
