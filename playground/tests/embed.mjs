// The embedded page: in a frame of a page of another origin, with the sandbox of the documentation.
// @ts-check

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { hasNoViolation } from "./accessibilityRules.mjs";
import { eventually, pageTest, POD, summary, tabs, visit } from "./browser.mjs";
import { loadModule } from "./modules.mjs";

/** @type {typeof import("../src/shareLink.ts")} */
const { linkTo } = await loadModule("shareLink.ts");
/** @type {typeof import("../src/choices.ts")} */
const { defaultChoices } = await loadModule("choices.ts");

const SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox";

/** The link to a Deployment at the level baseline. @param {string} url */
const linkToPod = (url) => {
  const policy = () => ({ level: /** @type {const} */ ("baseline"), version: "v1.34" });
  const choices = { ...defaultChoices(), enforce: policy(), audit: policy(), warn: policy() };
  return linkTo({ files: [{ name: "web.yaml", text: `${POD}      ports: [{containerPort: 80, hostPort: 80}]\n` }], active: 0, choices }, url);
};

pageTest("an embedded page shows the editor and the verdict in a frame, and opens in the playground", async ({ page, context, url }) => {
  const link = await linkToPod(`${url}?embed&theme=dark`);
  const server = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(request.url === "/" ? `<!doctype html><title>Docs</title><iframe title="Playground" src="${link}" sandbox="${SANDBOX}" width="800" height="300"></iframe>` : "");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    await page.goto(`http://127.0.0.1:${port}/`);
    const frame = page.frameLocator("iframe");
    await eventually("the summary", async () => (await frame.locator("#summary").textContent()) ?? "", (text) => /baseline:v1\.34: rejected, 1 finding/.test(text));
    await frame.getByRole("textbox", { name: "Manifests, YAML or JSON" }).waitFor();
    for (const hidden of [".page-tools", "#editor-buttons", "#controls", "#terminal", "#tabs"]) assert.equal(await frame.locator(hidden).isVisible(), false, hidden);
    assert.ok(await frame.locator("#findings").isVisible());
    assert.equal(await frame.locator("html").getAttribute("data-theme"), "dark");
    // A fix in the frame is part of the link.
    await frame.getByRole("button", { name: /^Fix: / }).click();
    await eventually("the summary", async () => (await frame.locator("#summary").textContent()) ?? "", (text) => /accepted/i.test(text));
    const before = linkToPod(url);
    const open = frame.getByRole("link", { name: "Open in the playground" });
    const href = await eventually("the link", async () => (await open.getAttribute("href")) ?? "", (text) => text.includes("#1.") || text.includes("#2."));
    assert.notEqual(href, await before);
    // Nothing is kept on the device.
    const kept = await frame.locator("html").evaluate(async () => [
      localStorage.length,
      (await indexedDB.databases()).length,
      (await navigator.serviceWorker.getRegistrations()).length,
      (await caches.keys()).length,
    ]);
    assert.deepEqual(kept, [0, 0, 0, 0]);
    const [opened] = await Promise.all([context.waitForEvent("page"), open.click()]);
    await summary(opened, /baseline:v1\.34: accepted/i);
    assert.equal(await opened.locator("html.embedded").count(), 0);
    await opened.getByRole("button", { name: "Examples" }).waitFor();
    await opened.close();
  } finally {
    server.close();
    server.closeAllConnections();
  }
}, { stay: true, serviceWorkers: "allow", expected: /^request to http:\/\/127\.0\.0\.1:\d+\/(favicon\.ico)?$/ });

for (const [width, height] of /** @type {const} */ ([[800, 300], [375, 300], [320, 500]])) {
  pageTest(`an embedded page fits ${width} by ${height} pixels`, async ({ page, url }) => {
    await visit(page, `${url}?embed`);
    const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
    assert.deepEqual(size, [width, height]);
    for (const [name, minimum] of /** @type {const} */ ([["#editor", 90], ["#verdict", 100], [".tiles", 30]])) {
      const box = await page.locator(name).boundingBox();
      assert.ok(box && box.width > 180 && box.height >= minimum && box.x >= 0 && box.x + box.width <= width, `${name}: ${JSON.stringify(box)}`);
    }
    // Nothing covers the link below the editor.
    await page.getByRole("link", { name: "Open in the playground" }).click({ trial: true });
    // The verdict is in view without scrolling, and the rest by scrolling.
    const tiles = await page.locator(".tiles").boundingBox();
    assert.ok(tiles && tiles.y + tiles.height <= height, JSON.stringify(tiles));
    await page.getByRole("button", { name: /^Fix: / }).last().scrollIntoViewIfNeeded();
    assert.deepEqual(await page.evaluate(() => [scrollX, scrollY]), [0, 0]);
    await hasNoViolation(page, "an embedded page");
  }, { viewport: { width, height }, stay: true });
}

pageTest("the theme of an embedded page is that of its address, and several files have tabs", async ({ page, url }) => {
  const choices = defaultChoices();
  const files = [{ name: "a.yaml", text: POD }, { name: "b.yaml", text: POD.replaceAll("web", "other") }];
  await page.evaluate(() => localStorage.setItem("theme", "dark"));
  await visit(page, await linkTo({ files, active: 1, choices }, `${url}?embed&theme=light`));
  assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
  assert.deepEqual(await tabs(page), ["a.yaml", "b.yaml"]);
  assert.ok(await page.getByRole("tab", { name: "a.yaml" }).isVisible());
  assert.equal(await page.getByRole("button", { name: "New file" }).isVisible(), false);
  await visit(page, `${url}?embed&theme=unknown`);
  assert.equal(await page.locator("html").getAttribute("data-theme"), null);
});
