// Manifests from URLs: the addresses, the question before a request, the request, and the errors.
// @ts-check

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { dialog, editor, eventually, findings, pageTest, POD, summary, tabs, visit } from "./browser.mjs";
import { serveManifests } from "./manifestServer.mjs";
import { loadModule } from "./modules.mjs";

/** @type {typeof import("../src/remote/address.ts")} */
const { addressOf } = await loadModule("remote/address.ts");
/** @type {typeof import("../src/urlLinks.ts")} */
const { urlsInHash } = await loadModule("urlLinks.ts");

/** @typedef {import("playwright-core").Page} Page */

/** @type {Awaited<ReturnType<typeof serveManifests>> | undefined} */
let sharedServer;
const manifests = async () => (sharedServer ??= await serveManifests());
after(() => sharedServer?.close());

const PAGE = "http://127.0.0.1:8080/page/?x#url=y";

test("the page of a file has the address of its text", () => {
  for (const [url, expected, fileName] of /** @type {[string, string, string][]} */ ([
    ["https://example.com/a/pod.yaml?raw=1#L3", "https://example.com/a/pod.yaml?raw=1", "pod.yaml"],
    ["example.com/pod.yml", "https://example.com/pod.yml", "pod.yml"],
    ["https://example.com", "https://example.com/", "manifest.yaml"],
    ["https://example.com/a%2Fb%20c", "https://example.com/a%2Fb%20c", "ab c.yaml"],
    ["https://example.com/%ff", "https://example.com/%ff", "%ff.yaml"],
    ["samples/pod.yaml", "http://127.0.0.1:8080/page/samples/pod.yaml", "pod.yaml"],
    ["https://github.com/o/r/blob/main/a/pod.yaml?plain=1#L7-L9", "https://raw.githubusercontent.com/o/r/main/a/pod.yaml", "pod.yaml"],
    ["https://www.github.com/o/r/raw/v1.0/pod.yaml", "https://raw.githubusercontent.com/o/r/v1.0/pod.yaml", "pod.yaml"],
    ["github.com/o/r/blob/refs/heads/main/a%20b.yaml", "https://raw.githubusercontent.com/o/r/refs/heads/main/a%20b.yaml", "a b.yaml"],
    ["https://github.com/o/r", "https://github.com/o/r", "r.yaml"],
    ["https://raw.githubusercontent.com/o/r/main/pod.yaml", "https://raw.githubusercontent.com/o/r/main/pod.yaml", "pod.yaml"],
    ["https://gist.github.com/alice/0123456789abcdef0123456789abcdef", "https://gist.githubusercontent.com/alice/0123456789abcdef0123456789abcdef/raw", "0123456789abcdef0123456789abcdef.yaml"],
    ["https://gist.github.com/alice/0123456789abcdef0123456789abcdef#file-pod-yaml", "https://gist.githubusercontent.com/alice/0123456789abcdef0123456789abcdef/raw", "0123456789abcdef0123456789abcdef.yaml"],
    ["https://gist.github.com/alice/0123456789abcdef0123/raw/abc/pod.yaml", "https://gist.githubusercontent.com/alice/0123456789abcdef0123/raw/abc/pod.yaml", "pod.yaml"],
    ["https://gitlab.com/g/s/p/-/blob/main/a/pod.yaml?ref_type=heads", "https://gitlab.com/api/v4/projects/g%2Fs%2Fp/repository/files/a%2Fpod.yaml/raw?ref=main", "pod.yaml"],
    ["https://git.example.com/p/q/-/raw/v1/pod%20a.yaml", "https://git.example.com/api/v4/projects/p%2Fq/repository/files/pod%20a.yaml/raw?ref=v1", "pod a.yaml"],
  ])) {
    const address = addressOf(url, PAGE);
    assert.deepEqual([address.request.href, address.fileName], [expected, fileName], url);
  }
});

test("only HTTPS and the origin of the page are allowed, without credentials", () => {
  for (const [url, message] of /** @type {[string, RegExp][]} */ ([
    ["http://example.com/pod.yaml", /https:/],
    ["http://127.0.0.1:9/pod.yaml", /https:/],
    ["javascript:alert(1)", /https:/],
    ["data:text/plain,a", /https:/],
    ["file:///etc/passwd", /https:/],
    ["blob:http://127.0.0.1:9/a", /https:/],
    ["https://alice:secret@example.com/pod.yaml", /password/],
    ["https://exa mple.com/", /valid/],
    ["https://", /valid/],
  ])) {
    assert.throws(() => addressOf(url, PAGE), message, url);
  }
});

test("a fragment contains any number of URLs, encoded or not", () => {
  for (const [hash, expected] of /** @type {[string, string[]][]} */ ([
    ["", []],
    ["#url=", []],
    ["#verdict", []],
    ["#1.abc", []],
    ["#url=https://a.example/x?y=1&z=%2F", ["https://a.example/x?y=1&z=%2F"]],
    ["#url=https://a.example/x&url=https://b.example/y", ["https://a.example/x", "https://b.example/y"]],
    [`#url=${encodeURIComponent("https://a.example/x?u=1&url=2")}`, ["https://a.example/x?u=1&url=2"]],
    ["#url=samples/%ff", ["samples/%ff"]],
  ])) {
    assert.deepEqual(urlsInHash(hash), expected, hash);
  }
});

/** Requests of the test's server, and what a browser logs about failed ones. */
const EXPECTED = /^request to https:\/\/127\.0\.0\.1:\d+\/|Failed to load resource|CORS policy/;
const OPTIONS = { ignoreHTTPSErrors: true, expected: EXPECTED };

/** @param {Page} page */
const field = (page) => dialog(page).getByRole("textbox", { name: "URL of a manifest" });
/** @param {Page} page */
const confirm = (page) => dialog(page).getByRole("button", { name: /^Open/ });
/** @param {Page} page */
const closed = (page) => eventually("the dialog should close", () => page.getByRole("dialog").count(), (count) => count === 0);

pageTest("a manifest is requested from the host of the dialog after the question, without credentials and referrer", async ({ page, context, url }) => {
  const server = await manifests();
  server.requests.length = 0;
  // Cookies are those of all ports.
  await context.addCookies([{ name: "secret", value: "1", url: server.url, secure: true, sameSite: "None" }]);
  await page.getByRole("button", { name: "From a URL…" }).click();
  await field(page).fill(`${server.url}/pod.yaml`);
  const host = server.url.replace("https://", "");
  assert.match((await dialog(page).textContent()) ?? "", new RegExp(`${host} sees this request.*${new URL(url).origin}.*not sent`));
  assert.equal(server.requests.length, 0);
  await confirm(page).click();
  await closed(page);
  await summary(page, /restricted:latest: rejected, 4 findings/);
  assert.deepEqual(await tabs(page), ["pod.yaml"]);
  assert.equal(server.requests.length, 1);
  assert.equal(server.requests[0]?.path, "/pod.yaml");
  const headers = server.requests[0]?.headers;
  assert.deepEqual([headers?.cookie, headers?.referer, headers?.authorization], [undefined, undefined, undefined]);
  assert.equal(headers?.origin, new URL(url).origin);
}, OPTIONS);

pageTest("a link with URLs asks before it requests them, each time", async ({ page, url }) => {
  const server = await manifests();
  server.requests.length = 0;
  const link = `${url}#url=${server.url}/pod.yaml&url=${encodeURIComponent(`${server.url}/other%20pod.yaml`)}`;
  await visit(page, link);
  await field(page).waitFor();
  // The first key press after the page has opened requests nothing.
  await page.keyboard.press("Enter");
  await closed(page);
  await page.reload();
  await field(page).waitFor();
  await summary(page, /pods rejected/);
  assert.equal(server.requests.length, 0);
  await confirm(page).click();
  await closed(page);
  assert.deepEqual(server.requests.map(({ path }) => path).sort(), ["/other%20pod.yaml", "/pod.yaml"]);
  await summary(page, /2 of 2|8 findings/);
  assert.deepEqual(await tabs(page), ["pod.yaml", "other pod.yaml"]);
  // A link in the same page, as of a documentation.
  await page.evaluate((hash) => (location.hash = hash), `#url=${server.url}/empty.yaml`);
  await field(page).waitFor();
  assert.equal(server.requests.length, 2);
}, { ...OPTIONS, stay: true });

pageTest("a file of GitHub is requested by its raw address", async ({ page, context }) => {
  const host = "https://raw.githubusercontent.com";
  await context.route(`${host}/**`, (route) => route.fulfill({ body: POD, headers: { "access-control-allow-origin": "*", "content-type": "text/plain" } }));
  await page.getByRole("button", { name: "From a URL…" }).click();
  await field(page).fill("https://github.com/o/r/blob/main/a/shop.yaml#L3");
  assert.equal(await confirm(page).textContent(), "Open from raw.githubusercontent.com");
  await page.keyboard.press("Enter");
  await closed(page);
  await summary(page, /4 findings/);
  assert.deepEqual(await tabs(page), ["shop.yaml"]);
}, { expected: /^request to https:\/\/raw\.githubusercontent\.com\/o\/r\/main\/a\/shop\.yaml$/ });

pageTest("an address without a manifest is an error that says why, and the text stays", async ({ page }) => {
  const server = await manifests();
  server.requests.length = 0;
  const before = await editor(page).textContent();
  await page.getByRole("button", { name: "From a URL…" }).click();
  for (const [path, message] of /** @type {[string, RegExp][]} */ ([
    ["/private.yaml", /cannot be reached, or does not allow other pages to read the file \(CORS\)\..*open it in a tab, save the file/],
    ["/redirect.yaml", /redirects to another URL/],
    ["/missing.yaml", /status 404: there is no such file/],
    ["/page", /web page \(HTML\)/],
    ["/page.txt", /web page \(HTML\)/],
    ["/large.yaml", /too large: the limit is 10 MB/],
    ["/empty.yaml", /empty/],
    ["/latin1.yaml", /not text in UTF-8/],
    ["/image", /image\/png/],
  ])) {
    await field(page).fill(server.url + path);
    await confirm(page).click();
    const alert = dialog(page).getByRole("alert");
    await eventually(path, async () => (await alert.textContent()) ?? "", (text) => message.test(text));
    const link = alert.getByRole("link");
    assert.deepEqual([await link.getAttribute("href"), await link.getAttribute("rel")], [server.url + path, "noopener noreferrer"]);
  }
  const requested = server.requests.length;
  for (const [text, message] of /** @type {[string, RegExp][]} */ ([
    ["http://127.0.0.1:9/pod.yaml", /does not begin with https/],
    ["https://", /not a valid URL/],
  ])) {
    await field(page).fill(text);
    await confirm(page).click();
    await eventually(text, async () => (await dialog(page).getByRole("alert").textContent()) ?? "", (own) => message.test(own));
  }
  assert.equal(server.requests.length, requested);
  // The others are opened, and the field keeps those with an error.
  await field(page).fill(`${server.url}/pod.yaml ${server.url}/missing.yaml`);
  await confirm(page).click();
  await eventually("the field", () => field(page).inputValue(), (value) => value === `${server.url}/missing.yaml`);
  assert.notEqual(await editor(page).textContent(), before);
  await page.keyboard.press("Escape");
  await closed(page);
  await summary(page, /4 findings/);
  // Another file with the same name is beside it.
  await page.getByRole("button", { name: "From a URL…" }).click();
  await field(page).fill(`${server.url}/pod.yaml`);
  await confirm(page).click();
  await closed(page);
  assert.deepEqual(await tabs(page), ["pod.yaml", "pod-2.yaml"]);
}, OPTIONS);

pageTest("a server that does not answer is an error after the time limit, and closing the dialog ends the request", async ({ page, url }) => {
  const server = await manifests();
  await page.clock.install();
  await visit(page, url);
  await page.getByRole("button", { name: "From a URL…" }).click();
  await field(page).fill(`${server.url}/silent.yaml`);
  server.requests.length = 0;
  await confirm(page).click();
  await eventually("the request", async () => server.requests.length, (count) => count === 1);
  await page.clock.fastForward(21_000);
  await eventually("the error", async () => (await dialog(page).getByRole("alert").textContent()) ?? "", (text) => /within 20 seconds/.test(text));
  const failed = page.waitForEvent("requestfailed");
  await confirm(page).click();
  await eventually("the request", async () => server.requests.length, (count) => count === 2);
  await page.keyboard.press("Escape");
  await failed;
  await closed(page);
}, { ...OPTIONS, stay: true });

pageTest("the service worker does not store manifests from URLs", async ({ page, url }) => {
  const server = await manifests();
  await visit(page, url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await page.reload();
  await summary(page, /pods rejected/);
  assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null));
  server.requests.length = 0;
  for (let time = 1; time <= 2; time += 1) {
    await page.getByRole("button", { name: "From a URL…" }).click();
    await field(page).fill(`${server.url}/pod.yaml`);
    await confirm(page).click();
    await closed(page);
    assert.equal(server.requests.length, time);
  }
  await eventually("findings", () => findings(page).count(), (count) => count === 8);
  const stored = await page.evaluate(async () => {
    const caches = await Promise.all((await window.caches.keys()).map((name) => window.caches.open(name)));
    return (await Promise.all(caches.map((cache) => cache.keys()))).flat().map((request) => new URL(request.url).origin);
  });
  assert.ok(stored.length > 0);
  assert.deepEqual([...new Set(stored)], [new URL(url).origin]);
}, { ...OPTIONS, serviceWorkers: "allow", stay: true });
