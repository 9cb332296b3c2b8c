// The state of the page: one undo for texts, names and settings, sessions that are kept on the device, and tabs of the browser.
// @ts-check

import assert from "node:assert/strict";
import { dialog, downloaded, editor, eventually, open, pageTest, POD, summary, visit, write } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
const text = (page) => page.evaluate(() => [...document.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));
/** @param {Page} page */
const tabs = (page) => page.getByRole("tab").allTextContents();
/** @type {(page: Page, name: RegExp | string) => Promise<void>} */
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
/** @param {Page} page */
const level = (page) => page.locator(".segments input:checked").first().inputValue();

/**
 * Waits until a text is in the stored sessions.
 * @type {(page: Page, part: string) => Promise<unknown>}
 */
const saved = (page, part) =>
  eventually(
    `${part} should be saved`,
    () =>
      page.evaluate(
        async () =>
          // Opening it would create it.
          (await indexedDB.databases()).length > 0 && new Promise((resolve) => {
            const request = indexedDB.open("playground");
            request.onsuccess = () => {
              const database = request.result;
              if (!database.objectStoreNames.contains("sessions")) return resolve("");
              const all = database.transaction("sessions").objectStore("sessions").getAll();
              all.onsuccess = () => (database.close(), resolve(JSON.stringify(all.result)));
            };
          }),
      ),
    (stored) => String(stored).includes(part),
  );

const named = (/** @type {string} */ name) => POD.replace("name: web\n", `name: ${name}\n`);

pageTest("undo of an example restores the text, the settings, the name and the verdict", async ({ page }) => {
  await open(page, [{ name: "mine.yaml", text: POD }]);
  await summary(page, /Enforce restricted:latest: rejected, 4 findings/);
  await page.getByRole("combobox", { name: "Version" }).selectOption("v1.30");
  await summary(page, /Enforce restricted:v1\.30: rejected, 4 findings/);
  await press(page, "Examples");
  await dialog(page).locator('[data-example="node-exporter"]').click();
  await summary(page, /Enforce baseline:latest: pods rejected/);
  assert.deepEqual(await tabs(page), ["node-exporter.yaml"]);
  await editor(page).focus();
  await page.keyboard.press("Control+z");
  await summary(page, /Enforce restricted:v1\.30: rejected, 4 findings/);
  assert.equal(await level(page), "restricted");
  assert.equal(await page.getByRole("combobox", { name: "Version" }).inputValue(), "v1.30");
  assert.deepEqual(await downloaded(page), { name: "mine.yaml", text: POD });
  await press(page, "Undo");
  await summary(page, /Enforce restricted:latest: rejected, 4 findings/);
  await press(page, "Redo");
  await press(page, "Redo");
  await summary(page, /Enforce baseline:latest: pods rejected/);
  assert.deepEqual(await tabs(page), ["node-exporter.yaml"]);
});

pageTest("steps of several files, names and settings are undone in their order", async ({ page }) => {
  await open(page, [{ name: "a.yaml", text: named("first") }, { name: "b.yaml", text: named("second") }]);
  await summary(page, /2 of 2: rejected, 8 findings/);
  await editor(page).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("# one\n");
  await page.getByRole("radio", { name: "Baseline" }).check({ force: true });
  await page.getByRole("tab", { name: "b.yaml" }).click();
  await editor(page).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("# two\n");
  await page.getByRole("tab", { name: "b.yaml" }).focus();
  await page.keyboard.press("F2");
  await dialog(page).getByLabel("Name of the file").fill("c.yaml");
  await page.keyboard.press("Enter");
  await eventually("the name", () => tabs(page), (names) => names.join() === "a.yaml,c.yaml");
  await page.keyboard.press("Delete");
  await eventually("the files", () => tabs(page), (names) => names.join() === "a.yaml");
  await summary(page, /Enforce baseline:latest: accepted/);

  await press(page, "Undo");
  assert.deepEqual(await tabs(page), ["a.yaml", "c.yaml"]);
  await press(page, "Undo");
  assert.deepEqual(await tabs(page), ["a.yaml", "b.yaml"]);
  assert.match(await text(page), /^# two\n/);
  await press(page, "Undo");
  assert.equal(await text(page), named("second"));
  await press(page, "Undo");
  await summary(page, /Enforce restricted:latest: 2 of 2: rejected/);
  assert.equal(await level(page), "restricted");
  await press(page, "Undo");
  // The file of the step is shown.
  assert.equal(await page.getByRole("tab", { selected: true }).textContent(), "a.yaml");
  assert.equal(await text(page), named("first"));
  await press(page, "Undo");
  await summary(page, /Enforce restricted:latest: pods rejected, 6 findings/);
  assert.equal(await page.getByRole("button", { name: "Undo", exact: true }).getAttribute("aria-disabled"), "true");
  for (let step = 0; step < 6; step += 1) await press(page, "Redo");
  assert.deepEqual(await tabs(page), ["a.yaml"]);
  assert.equal(await text(page), `# one\n${named("first")}`);
  await summary(page, /Enforce baseline:latest: accepted/);
});

pageTest("what is typed in a field is one step", async ({ page }) => {
  await page.getByText("Modes, namespace, exemptions").click();
  const namespace = page.getByLabel("Namespace of manifests without one");
  await namespace.fill("");
  await namespace.pressSequentially("shop");
  await page.getByLabel("User of the request").pressSequentially("alice");
  await press(page, "Undo");
  assert.deepEqual([await namespace.inputValue(), await page.getByLabel("User of the request").inputValue()], ["shop", ""]);
  await press(page, "Undo");
  assert.equal(await namespace.inputValue(), "default");
  // A key outside of text fields undoes too.
  await press(page, "Redo");
  await page.keyboard.press("Control+z");
  assert.equal(await namespace.inputValue(), "default");
});

pageTest("text, settings, names and panels come back after a reload", async ({ page }) => {
  await open(page, [{ name: "a.yaml", text: named("first").replaceAll("\n", "\r\n") }, { name: "b.yaml", text: named("second") }]);
  await page.getByRole("tab", { name: "b.yaml" }).click();
  await page.getByRole("radio", { name: "Baseline" }).check({ force: true });
  await page.getByText("Modes, namespace, exemptions").click();
  await page.getByLabel("User of the request").fill("alice");
  // At once, before the session is saved.
  await page.reload();
  await summary(page, /Enforce baseline:latest: accepted/);
  await eventually("the files", () => tabs(page), (names) => names.join() === "a.yaml,b.yaml");
  assert.equal(await page.getByRole("tab", { selected: true }).textContent(), "b.yaml");
  assert.equal(await page.getByLabel("User of the request").inputValue(), "alice");
  assert.equal(await page.getByLabel("User of the request").isVisible(), true);
  await page.getByRole("tab", { name: "a.yaml" }).click();
  assert.deepEqual(await downloaded(page), { name: "a.yaml", text: named("first").replaceAll("\n", "\r\n") });
});

pageTest("a session comes back after a crash", async ({ page, context, url }) => {
  await write(page, named("precious"));
  await saved(page, "name: precious");
  const session = await context.newCDPSession(page);
  const crash = page.waitForEvent("crash");
  session.send("Page.crash").catch(() => {});
  await crash;
  const another = await context.newPage();
  await visit(another, url);
  assert.equal(await text(another), named("precious"));
});

pageTest("a session comes back after its tab was closed", async ({ page, context, url }) => {
  await write(page, named("closed"));
  await page.close({ runBeforeUnload: false });
  const another = await context.newPage();
  await visit(another, url);
  await eventually("the text", () => text(another), (own) => own === named("closed"));
});

pageTest("two tabs of the page do not overwrite one another", async ({ page, context, url }) => {
  await write(page, named("left"));
  await saved(page, "name: left");
  const another = await context.newPage();
  await visit(another, url);
  assert.match(await text(another), /kind: Deployment/, "the second tab shows the example");
  await write(another, named("right"));
  await saved(another, "name: right");
  await write(page, named("left-2"));
  await saved(page, "name: left-2");
  await Promise.all([page.reload(), another.reload()]);
  for (const [own, name] of /** @type {const} */ ([[page, "left-2"], [another, "right"]])) {
    await eventually("the text", () => text(own), (found) => found === named(name));
  }
  await press(page, "Sessions");
  await eventually("the sessions", () => dialog(page).locator(".session").count(), (count) => count === 2);
  await dialog(page).locator(".session", { hasText: "name: right" }).getByText("Open in another tab").waitFor();
  // It is opened as a copy.
  await dialog(page).locator(".session", { hasText: "name: right" }).getByRole("button", { name: /^Open/ }).click();
  await eventually("the text", () => text(page), (found) => found === named("right"));
  await write(page, named("copy"));
  await saved(page, "name: copy");
  await saved(page, "name: right\\n");
  await saved(page, "name: left-2");
});

pageTest("earlier sessions are listed, opened and deleted", async ({ page }) => {
  await press(page, "Sessions");
  await dialog(page).getByText("There is no session yet").waitFor();
  await dialog(page).getByRole("button", { name: "Close" }).click();
  await open(page, [{ name: "a.yaml", text: named("first") }, { name: "b.yaml", text: named("second") }]);
  await page.getByRole("radio", { name: "Baseline" }).check({ force: true });
  await press(page, "Sessions");
  await dialog(page).getByRole("button", { name: "Start anew" }).click();
  await summary(page, /There is no pod/);
  assert.equal(await level(page), "restricted");
  assert.equal(await page.getByRole("button", { name: "Undo", exact: true }).getAttribute("aria-disabled"), "true");
  await write(page, named("third"));
  await summary(page, /rejected, 4 findings/);
  await saved(page, "name: third");
  await press(page, "Sessions");
  const entries = dialog(page).locator(".session");
  await eventually("the sessions", () => entries.count(), (count) => count === 2);
  assert.match((await entries.nth(0).textContent()) ?? "", /manifest\.yaml.*1 file.*This session.*kind: Pod/s);
  assert.match((await entries.nth(1).textContent()) ?? "", /a\.yaml and 1 more.*2 files.*kind: Pod/s);
  await entries.nth(1).getByRole("button", { name: /^Open/ }).click();
  await summary(page, /Enforce baseline:latest: accepted/);
  assert.deepEqual(await tabs(page), ["a.yaml", "b.yaml"]);
  await press(page, "Sessions");
  await dialog(page).getByRole("button", { name: "Delete: manifest.yaml" }).click();
  await eventually("the sessions", () => entries.count(), (count) => count === 1);
  await dialog(page).getByRole("button", { name: "Delete all" }).click();
  await dialog(page).getByRole("button", { name: "Delete all: press again" }).click();
  await summary(page, /There is no pod/);
  await press(page, "Sessions");
  await eventually("the sessions", () => dialog(page).textContent(), (own) => !own?.includes("a.yaml"));
});

pageTest("a link is opened beside the last session", async ({ page, context, url }) => {
  await write(page, named("shared"));
  await summary(page, /4 findings/);
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await press(page, "Share link");
  const link = await eventually("the link should be copied", () => page.evaluate(() => navigator.clipboard.readText()), (own) => own.startsWith(`${url}#`));
  await write(page, named("mine"));
  await saved(page, "name: mine");
  await page.close();
  const other = await context.newPage();
  await visit(other, link);
  assert.equal(await text(other), named("shared"));
  await other.getByText("Your last session is kept").waitFor();
  await write(other, named("changed"));
  await saved(other, "name: changed");
  // The link does not replace what it became.
  await other.reload();
  await eventually("the text", () => text(other), (own) => own === named("changed"));
  await other.evaluate(() => (location.hash = ""));
  await other.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await eventually("the text", () => text(other), (own) => own === named("shared"));
  await other.locator("#session-notice").getByRole("button", { name: "deployment.yaml" }).click();
  await eventually("the text", () => text(other), (own) => own === named("changed"));
  await saved(other, "name: mine");
}, { permissions: ["clipboard-read", "clipboard-write"] });

pageTest("invalid stored sessions are neither shown nor changed", async ({ page, context, url }) => {
  await write(page, named("valid"));
  await saved(page, "name: valid");
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open("playground");
        request.onsuccess = () => {
          const transaction = request.result.transaction("sessions", "readwrite");
          const store = transaction.objectStore("sessions");
          const updated = Date.now() + 1_000_000;
          for (const [at, value] of [{ version: 99, text: "old" }, { version: 1 }, { version: 1, files: [] }, { version: 1, files: [{ name: 1 }], choices: 5 }].entries()) {
            store.put({ ...value, id: `invalid-${at}`, updated });
          }
          store.put({ id: 7, version: 1, updated, files: [{ name: "a", text: "a" }] });
          store.put({ id: "partial", version: 1, updated: 5, files: [{ name: "../x", text: "kind: Pod # partial" }], active: 9, choices: { enforce: 1 }, link: [] });
          transaction.oncomplete = () => (request.result.close(), resolve(null));
        };
        localStorage.setItem("session:garbage", "{");
        localStorage.setItem("layout", "[1");
      }),
  );
  await page.close();
  const other = await context.newPage();
  await visit(other, url);
  assert.equal(await text(other), named("valid"));
  await press(other, "Sessions");
  await eventually("the sessions", () => dialog(other).locator(".session").count(), (count) => count === 2);
  await dialog(other).locator(".session", { hasText: "# partial" }).getByRole("button", { name: /^Open/ }).click();
  await eventually("the text", () => text(other), (own) => own === "kind: Pod # partial");
  assert.deepEqual(await tabs(other), ["manifest.yaml"]);
  await saved(other, "invalid-3");
});

pageTest("sessions are kept without a database", async ({ page, context, url }) => {
  await context.addInitScript(() => Object.defineProperty(window, "indexedDB", { get: () => undefined }));
  await visit(page, url);
  await write(page, named("local"));
  await eventually("it should be saved", () => page.evaluate(() => JSON.stringify(localStorage)), (own) => own.includes("name: local"));
  await page.close();
  const other = await context.newPage();
  await visit(other, url);
  assert.equal(await text(other), named("local"));
  await press(other, "Sessions");
  await eventually("the sessions", () => dialog(other).locator(".session").count(), (count) => count === 1);
}, { stay: true });

pageTest("a database that does not answer is not waited for", async ({ page, url }) => {
  await page.addInitScript(() => {
    localStorage.setItem("sessions", "1");
    IDBFactory.prototype.open = () => /** @type {IDBOpenDBRequest} */ (/** @type {unknown} */ ({}));
  });
  await visit(page, url);
  await write(page, named("slow"));
  await eventually("it should be saved", () => page.evaluate(() => JSON.stringify(localStorage)), (own) => own.includes("name: slow"));
}, { stay: true });

pageTest("a duplicate of a tab has a copy of its session", async ({ page, context }) => {
  await write(page, named("original"));
  await saved(page, "name: original");
  // The new tab gets the sessionStorage of its opener.
  const [copy] = await Promise.all([context.waitForEvent("page"), page.evaluate(() => void window.open(location.href))]);
  await summary(copy, /rejected, 4 findings/);
  await eventually("the text", () => text(copy), (own) => own === named("original"));
  await write(copy, named("copy"));
  await saved(copy, "name: copy");
  await saved(copy, "name: original");
  await Promise.all([page.reload(), copy.reload()]);
  await eventually("the text", () => text(copy), (own) => own === named("copy"));
  await eventually("the text", () => text(page), (own) => own === named("original"));
});

pageTest("without locks a session is restored as a copy", async ({ page, context, url }) => {
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined }));
  await visit(page, url);
  await write(page, named("first"));
  await saved(page, "name: first");
  await page.reload();
  await eventually("the text", () => text(page), (own) => own === named("first"));
  const other = await context.newPage();
  await visit(other, url);
  await eventually("the text", () => text(other), (own) => own === named("first"));
  await write(other, named("second"));
  await saved(other, "name: second");
  await saved(other, "name: first");
}, { stay: true });

pageTest("a page without storage says once that nothing is kept", async ({ page, context, url }) => {
  await context.addInitScript(() => {
    for (const name of ["indexedDB", "localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException("forbidden", "SecurityError"); } });
    }
  });
  await visit(page, url);
  await write(page, POD);
  await page.getByText("This browser allows no storage").waitFor();
  await summary(page, /4 findings/);
  await press(page, "Sessions");
  await dialog(page).getByText("There is no session yet").waitFor();
}, { stay: true });

pageTest("the oldest sessions are deleted", async ({ page, context, url }) => {
  await write(page, named("first"));
  await saved(page, "name: first");
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open("playground");
        request.onsuccess = () => {
          const transaction = request.result.transaction("sessions", "readwrite");
          for (let at = 0; at < 30; at += 1) {
            transaction.objectStore("sessions").put({ id: `old-${at}`, version: 1, updated: 1000 + at, files: [{ name: "a.yaml", text: `# old ${at}` }], active: 0, choices: {}, link: "" });
          }
          transaction.oncomplete = () => (request.result.close(), resolve(null));
        };
      }),
  );
  await page.close();
  const other = await context.newPage();
  await visit(other, url);
  await write(other, named("second"));
  await saved(other, "name: second");
  await press(other, "Sessions");
  await eventually("the sessions", () => dialog(other).locator(".session").count(), (count) => count === 20);
  assert.match((await dialog(other).locator(".session").nth(19).textContent()) ?? "", /# old 11/);
});
