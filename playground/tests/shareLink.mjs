// Share links: the state is restored exactly, and invalid links are rejected.
// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { loadModule } from "./modules.mjs";
import { downloaded, eventually, findings, pageTest, POD, summary, write } from "./browser.mjs";

/** @typedef {import("../src/app.ts").State} State */

/** @type {typeof import("../src/shareLink.ts")} */
const { linkTo, stateFromHash } = await loadModule("shareLink.ts");
/** @type {typeof import("../src/choices.ts")} */
const { defaultChoices } = await loadModule("choices.ts");

const BASE = "https://playground.example/path/";

/** @type {(link: string) => Promise<State | null>} */
const read = (link) => stateFromHash(new URL(link).hash);
/** @type {(value: unknown) => string} */
const hashOf = (value) => `#1.${deflateSync(JSON.stringify(value)).toString("base64url")}`;

/** @type {(text: string, name?: string) => State} */
const stateWith = (text, name = "manifest.yaml") => ({ files: [{ name, text }], active: 0, choices: defaultChoices() });

test("a link restores the state exactly", async () => {
  /** @type {State} */
  const state = {
    files: [{ name: "my pod.yaml", text: "# \u{1F600} \ud800 ä\r\nkind: Pod\r\n\tname: \"x\"\r\n" }],
    active: 0,
    choices: {
      modes: "each",
      enforce: { level: "baseline", version: "v1.34" },
      audit: { level: "restricted", version: "latest" },
      warn: { level: "privileged", version: "v1.0" },
      exemptions: {
        usernames: ["alice"],
        groups: ["ops"],
        serviceAccounts: ["a/b"],
        namespaces: ["kube-system", "x"],
        namespacePatterns: ["y-*"],
        runtimeClasses: ["gvisor"],
      },
      labels: "tighten",
      labelTypos: "ignore",
      enforceWorkloads: true,
      allowExisting: true,
      harden: ["runAsNonRoot"],
      more: "details: true # \u{1F600}\r\n",
      maskTemplates: true,
      namespace: "shop",
      namespaceLabels: { "pod-security.kubernetes.io/enforce": "baseline", __proto__x: "" },
      user: "bob",
      groups: ["dev", "ops"],
      admission: "kubewarden",
    },
  };
  assert.deepEqual(await read(await linkTo(state, BASE)), state);
  // The address without the fragment is that of the page.
  assert.equal((await linkTo(state, `${BASE}#old`)).split("#")[0], BASE);
  const plain = stateWith("");
  assert.deepEqual(await read(await linkTo(plain, BASE)), plain);
});

test("a link contains several files, and the one in the editor", async () => {
  const state = {
    files: [
      { name: "b.yaml", text: POD.replaceAll("\n", "\r\n") },
      { name: "a b.json", text: "{}" },
      { name: "empty.yaml", text: "" },
    ],
    active: 1,
    choices: defaultChoices(),
  };
  assert.deepEqual(await read(await linkTo(state, BASE)), state);
  // Names are unique and have no path; an index is in range.
  assert.deepEqual(await stateFromHash(hashOf({ f: [["a.yaml", "1"], ["a.yaml", "2"], ["../b.yaml", "3"], [null, "4"], ["a.yaml", "5"]], a: 9 })), {
    ...state,
    files: [
      { name: "a.yaml", text: "1" },
      { name: "a-2.yaml", text: "2" },
      { name: "manifest.yaml", text: "3" },
      { name: "manifest-2.yaml", text: "4" },
      { name: "a-3.yaml", text: "5" },
    ],
    active: 0,
  });
});

test("the link of an example is short", async () => {
  const text = await readFile(new URL("../src/examples/deployment.yaml", import.meta.url), "utf8");
  const link = await linkTo(stateWith(text, "deployment.yaml"), BASE);
  console.log(`link of the example Deployment: ${link.length} characters`);
  assert.ok(link.length < 2000, link);
});

test("a link that is damaged, truncated, from elsewhere or too large is rejected", async () => {
  const state = stateWith(POD.repeat(5));
  const { hash } = new URL(await linkTo(state, BASE));
  for (let at = 1; at < hash.length; at += 1) {
    assert.equal(await stateFromHash(hash.slice(0, at)), null, `truncated at ${at}`);
    const other = hash[at] === "A" ? "B" : "A";
    const read = await stateFromHash(hash.slice(0, at) + other + hash.slice(at + 1));
    // Not all bits of the last character are used.
    if (at < hash.length - 1) assert.equal(read, null, `damaged at ${at}`);
  }
  for (const foreign of ["", "#", "#main", "#1.", "#1.!", "#2.abc", hashOf(null), hashOf("x"), hashOf([]), hashOf({}), hashOf({ t: 1 }), hashOf({ f: [] }), hashOf({ f: [["a.yaml"]] }), hashOf({ f: ["a", "b"] }), hashOf({ f: {} })]) {
    assert.equal(await stateFromHash(foreign), null, foreign);
  }
  const bomb = hashOf({ t: "a".repeat(10_000_001) });
  assert.ok(bomb.length < 20_000);
  assert.equal(await stateFromHash(bomb), null);
});

test("invalid values in a link are replaced by the defaults", async () => {
  const invalid = {
    modes: "some",
    enforce: { level: "root", version: "v1.34" },
    audit: { level: "baseline", version: "<b>" },
    warn: null,
    exemptions: { usernames: "alice", namespaces: ["a", 1, null], runtimeClasses: {} },
    labels: "all",
    labelTypos: true,
    honorLabels: "yes",
    enforceWorkloads: 1,
    allowExisting: "yes",
    harden: ["hostPorts", 1],
    more: ["details"],
    groups: "ops",
    namespace: 5,
    namespaceLabels: { a: "b", c: 1, __proto__: { d: "e" } },
    user: [],
    admission: "none",
    other: true,
  };
  const defaults = defaultChoices();
  assert.deepEqual(await stateFromHash(hashOf({ t: "x", n: "../../etc/passwd", c: invalid })), {
    files: [{ name: "manifest.yaml", text: "x" }],
    active: 0,
    choices: {
      ...defaults,
      enforce: { level: defaults.enforce.level, version: "v1.34" },
      audit: { level: "baseline", version: defaults.audit.version },
      exemptions: { ...defaults.exemptions, namespaces: ["a"] },
      namespaceLabels: { a: "b" },
    },
  });
  for (const c of [null, 1, "x", []]) {
    assert.deepEqual(await stateFromHash(hashOf({ t: "x", c })), stateWith("x"));
  }
});

test("a link of an earlier version is read correctly", async () => {
  const old = { exemptions: { usernames: ["a"], namespaces: [], runtimeClasses: ["b"] }, honorLabels: true };
  const defaults = defaultChoices();
  const state = await stateFromHash(hashOf({ t: "x", c: old }));
  assert.deepEqual(state?.choices, {
    ...defaults,
    exemptions: { ...defaults.exemptions, usernames: ["a"], runtimeClasses: ["b"] },
    labels: "honor",
  });
});

pageTest("a link restores the page", async ({ page, context, url }) => {
  await write(page, POD);
  await page.getByRole("radio", { name: "Baseline" }).check({ force: true });
  await summary(page, /Enforce baseline:latest: accepted/);
  // The clipboard can contain a link of another test.
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.getByRole("button", { name: "Share" }).click();
  const link = await eventually("the link should be shown or copied", () => page.evaluate(() => navigator.clipboard.readText()), (text) => text.startsWith(url));
  assert.ok(link.startsWith(`${url}#`), link);
  const other = await context.newPage();
  await other.goto(link);
  await summary(other, /Enforce baseline:latest: accepted/);
  assert.equal((await downloaded(other)).text, POD);
}, { permissions: ["clipboard-read", "clipboard-write"] });

pageTest("a damaged link is reported, and the page shows its example", async ({ page }) => {
  await page.getByText(/link is invalid.* shows its example/).waitFor();
  assert.ok((await findings(page).count()) > 0);
  // A damaged link that is opened later does not change the text.
  await write(page, POD);
  await page.evaluate(() => (location.hash = "#1.abc"));
  await page.getByText(/link is invalid.* The page is unchanged/).waitFor();
  assert.equal((await downloaded(page)).text, POD);
}, { hash: "#1.eJztjTsOwjAQRK8yMjUF7Z6" });
