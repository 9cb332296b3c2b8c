// The most important paths of the page in Firefox: first verdict, typing, fixes, several files, share links and sessions.
//
// Node 20 has the global WebSocket only with --experimental-websocket, which later versions accept too.
// @ts-check

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../scripts/serve.mjs";
import { KEYS, startFirefox } from "./bidi.mjs";
import { BASE, DIST, POD } from "./browser.mjs";

/** The time limit of each wait, in milliseconds. */
const TIMEOUT = 15_000;

/** @typedef {import("./bidi.mjs").Tab} Tab */
/** @typedef {{ url: string, tab: Tab, open: (url?: string) => Promise<Tab> }} Visit `open` opens another tab of the same profile */

const { status, stdout, stderr } = spawnSync(fileURLToPath(new URL("../../scripts/setup-firefox", import.meta.url)), ["find"], { encoding: "utf8" });
// A path that is set and wrong is an error.
if (status !== 0 && process.env["FIREFOX"]) throw new Error(stderr);
const skip = status !== 0 && "Firefox is not installed";

/** @type {import("./bidi.mjs").Firefox | undefined} */
let firefox;
/** @type {Awaited<ReturnType<typeof serve>> | undefined} */
let site;
after(async () => {
  await firefox?.close();
  await site?.close();
});

/**
 * A test in its own profile of Firefox. It also fails if the page logs an error or sends a request to another origin.
 * @param {string} name
 * @param {(visit: Visit) => Promise<void>} body
 */
function firefoxTest(name, body) {
  test(`Firefox: ${name}`, { skip, timeout: 60_000 }, async () => {
    firefox ??= await startFirefox(stdout.trim());
    site ??= await serve({ directory: DIST, base: BASE });
    const own = firefox;
    const { url } = site;
    /** @type {string[]} */
    const problems = [];
    const profile = await own.newProfile();
    const open = async (address = url) => {
      const tab = await own.newTab(profile, ({ type, text }) => {
        if (type === "error" || !(text.startsWith(url) || /^(data|blob|about):/.test(text))) problems.push(`${type}: ${text}`);
      });
      await tab.goto(address);
      await isLoaded(tab);
      return tab;
    };
    await body({ url, tab: await open(), open });
    assert.deepEqual(problems, [], "the page has logged errors or sent requests to other origins");
  });
}

/**
 * @template T
 * @param {string} description
 * @param {() => Promise<T>} read
 * @param {(value: T) => boolean} accept
 */
async function eventually(description, read, accept) {
  const end = Date.now() + TIMEOUT;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (Date.now() > end) assert.fail(`${description}: still ${JSON.stringify(value)}`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
}

/** @type {(tab: Tab, selector: string) => Promise<string>} */
const textOf = (tab, selector) => tab.evaluate((css) => document.querySelector(css)?.textContent ?? "", selector);
/**
 * Waits until the page's summary matches, and the findings and all other results are shown: the page shows the summary first.
 * @param {Tab} tab
 * @param {RegExp} pattern
 */
async function summary(tab, pattern) {
  const read = async () => ({ text: await textOf(tab, "#summary"), incomplete: await tab.evaluate(() => document.querySelector("[aria-busy=true]") !== null) });
  await eventually(`the summary should match ${pattern}`, read, ({ text, incomplete }) => pattern.test(text) && !incomplete);
}
/** @type {(tab: Tab) => Promise<string[]>} */
const tabs = (tab) => tab.evaluate(() => [...document.querySelectorAll("#tabs [role=tab]")].map((own) => own.textContent ?? ""));
/** @type {(tab: Tab) => Promise<string[]>} */
const lines = (tab) => tab.evaluate(() => [...document.querySelectorAll(".cm-line")].map((own) => own.textContent ?? ""));
/** @type {(tab: Tab) => Promise<unknown>} */
// The output of kubectl is that of the whole engine.
const isLoaded = (tab) =>
  eventually("the page should be loaded", () => tab.evaluate(() => document.querySelectorAll(".terminal-output, .terminal-error, .terminal-warning").length), (count) => count > 0);

/**
 * Replaces the text of the editor by the keyboard. The editor indents lines itself.
 * @param {Tab} tab
 * @param {string} text
 */
async function write(tab, text) {
  await tab.click(".cm-content");
  await tab.press(KEYS.control, "a");
  await tab.type(text);
}

const FLOW_POD = `{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: nginx}]}}`;

firefoxTest("shows the first verdict, marks and the output of kubectl", async ({ tab }) => {
  await summary(tab, /pods rejected, 6 findings/);
  assert.match(await textOf(tab, ".terminal-text"), /\$ kubectl apply -f .*\n?.*would violate PodSecurity/);
  await eventually("the marks", () => tab.evaluate(() => document.querySelectorAll(".mark-error").length), (count) => count > 0);
  // The first rendering has the styles.
  assert.equal(await tab.evaluate(() => getComputedStyle(document.querySelector(".page") ?? document.body).display), "grid");
});

firefoxTest("evaluates what is typed, fixes it and undoes the fix", async ({ tab }) => {
  await write(tab, FLOW_POD);
  await summary(tab, /rejected, 4 findings/);
  const before = await lines(tab);
  await tab.press(KEYS.f8);
  await eventually("the explanation", () => textOf(tab, ".explanation"), (text) => text !== "");
  await tab.press(KEYS.escape);
  await tab.click("#findings button", /^Fix: /);
  await summary(tab, /rejected, 3 findings/);
  await tab.click("#fix-all");
  await eventually("the dialog", () => textOf(tab, "dialog[open]"), (text) => /3 findings/.test(text));
  await tab.click("dialog[open] button", /^Apply$/);
  await summary(tab, /accepted/i);
  await tab.click(".cm-content");
  await tab.press(KEYS.control, "z");
  await summary(tab, /3 findings/);
  await tab.press(KEYS.control, "z");
  await summary(tab, /4 findings/);
  assert.deepEqual(await lines(tab), before);
});

firefoxTest("evaluates at another level", async ({ tab }) => {
  await tab.click(".segments label", /^Privileged$/);
  await summary(tab, /privileged:latest: accepted/i);
  await tab.click(".segments label", /^Baseline$/);
  await summary(tab, /baseline:latest: pods rejected, 2 findings/);
});

firefoxTest("opens several files, and a session comes back after a reload and in another tab", async ({ tab, open }) => {
  const directory = await mkdtemp(join(tmpdir(), "files-"));
  try {
    const files = [join(directory, "a.yaml"), join(directory, "b.yaml")];
    await writeFile(/** @type {string} */ (files[0]), POD);
    await writeFile(/** @type {string} */ (files[1]), POD.replaceAll("web", "other"));
    await tab.setFiles("input[type=file]", files);
    await summary(tab, /8 findings/);
    assert.deepEqual(await tabs(tab), ["a.yaml", "b.yaml"]);
    await tab.click("#tabs [role=tab]", /^b\.yaml$/);
    await eventually("the other file", () => lines(tab), (texts) => texts.includes("  name: other"));
    await tab.click(".segments label", /^Baseline$/);
    await summary(tab, /baseline:latest: accepted/i);
    // Saved within a second.
    await new Promise((done) => setTimeout(done, 1500));
    await tab.reload();
    await isLoaded(tab);
    await summary(tab, /baseline:latest: accepted/i);
    assert.deepEqual(await tabs(tab), ["a.yaml", "b.yaml"]);
    assert.ok((await lines(tab)).includes("  name: other"));
    await tab.close();
    const another = await open();
    await summary(another, /baseline:latest: accepted/i);
    assert.deepEqual(await tabs(another), ["a.yaml", "b.yaml"]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

firefoxTest("restores the text and the settings of a share link", async ({ tab, open }) => {
  await write(tab, FLOW_POD);
  await summary(tab, /4 findings/);
  await tab.click(".segments label", /^Baseline$/);
  await summary(tab, /baseline:latest: accepted/i);
  // Without a permission for the clipboard, the page shows the link.
  await tab.evaluate(() => {
    Object.defineProperty(navigator.clipboard, "writeText", { value: (/** @type {string} */ text) => Promise.resolve((document.title = text)) });
  });
  await tab.click("#share");
  const link = await eventually("the link", () => tab.evaluate(() => document.title), (title) => title.includes("#"));
  const other = await open(link);
  await summary(other, /baseline:latest: accepted/i);
  assert.deepEqual(await lines(other), await lines(tab));
});

firefoxTest("asks before it requests a manifest from a URL", async ({ tab }) => {
  const openDialog = async () => {
    await tab.click("#open-url");
    await eventually("the dialog", () => tab.evaluate(() => document.activeElement?.matches("dialog[open] input") ?? false), (focused) => focused);
  };
  await openDialog();
  await tab.type("https://github.com/o/r/blob/main/pod.yaml");
  await eventually("the button", () => textOf(tab, "dialog[open] .button-primary"), (text) => text === "Open from raw.githubusercontent.com");
  await tab.press(KEYS.escape);
  // A file of the page's own origin needs no other server.
  await eventually("the dialog should close", () => tab.evaluate(() => document.querySelectorAll("dialog").length), (count) => count === 0);
  await openDialog();
  await tab.type("favicon.svg");
  await tab.press(KEYS.enter);
  await eventually("the error", () => textOf(tab, "dialog[open] [role=alert]"), (text) => /image\/svg\+xml/.test(text));
});
