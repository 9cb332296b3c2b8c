// The migration: what the page offers for objects of the time before the Pod Security Standards, and that its code is loaded only
// then.
// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ADMISSION, POLICY, ROLE, SHARED, TEMPLATE } from "./migrationTexts.mjs";
import { dialog, dismiss, editor, eventually, open, pageTest, POD, summary, write } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
const panel = (page) => page.locator("#migration");
/** @type {(page: Page, name: string | RegExp) => import("playwright-core").Locator} */
const control = (page, name) => panel(page).getByRole("button", { name });
/** @param {Page} page */
const settings = async (page) => (await page.locator(".more-set").textContent()) ?? "";
/** @type {(page: Page, name: string) => Promise<boolean>} */
const hasFocus = (page, name) => page.evaluate((own) => (document.activeElement?.getAttribute("aria-label") ?? "") === own, name);

pageTest("the code and the module for migration are loaded for such objects only", async ({ page }) => {
  /** @type {string[]} */
  const requests = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""));
  /** @type {() => string[]} */
  const migration = () => requests.filter((name) => /^(panel|migrate)/.test(name)).map((name) => name.replace(/-[\w-]+\./, ".")).sort();
  await page.reload();
  await summary(page, /Enforce/);
  await write(page, POD);
  await summary(page, /4 findings/);
  assert.deepEqual(migration(), []);
  assert.equal(await page.locator("link[href*=panel], link[href*=migrate]").count(), 0);
  await write(page, TEMPLATE);
  await control(page, /^Use as settings/).waitFor();
  assert.deepEqual(migration(), ["migrate_bg.wasm", "panel.js"]);
  // Other texts have no panel; the second object needs no request.
  await write(page, POD);
  await eventually("the panel should be empty", () => panel(page).textContent(), (text) => text === "");
  await write(page, ADMISSION);
  await control(page, /^Use as settings/).waitFor();
  assert.equal(migration().length, 2);
});

pageTest("a dropped template is used as settings, and that can be undone", async ({ page }) => {
  await open(page, [{ name: "a.yaml", text: TEMPLATE }, { name: "b.yaml", text: POD }]);
  await summary(page, /Enforce restricted:latest: rejected/);
  await page.locator("details.more > summary").click();
  await page.getByLabel("User of the request").fill("jane");
  await page.getByLabel("Reject workloads whose pods would be rejected").check();
  const before = await eventually("the settings should be set", () => settings(page), (text) => /user jane, workloads rejected/.test(text));
  const name = "Use as settings: PodSecurityAdmissionConfigurationTemplate shop";
  await control(page, name).focus();
  await page.keyboard.press("Enter");
  await summary(page, /Enforce baseline:v1\.30: accepted\. Warn restricted:latest: warned/);
  // The settings are replaced, and the request stays.
  assert.equal(await settings(page), "(separate modes, user jane, labels honoured, 2 exempt)");
  assert.equal(await page.getByLabel("Users", { exact: true }).inputValue(), "admin");
  const status = panel(page).getByRole("status").filter({ hasText: "The page uses these settings. What differs:" });
  await status.filter({ hasText: "the description of the template is not converted" }).waitFor();
  const undo = "Undo: PodSecurityAdmissionConfigurationTemplate shop";
  assert.ok(await hasFocus(page, undo));
  await page.keyboard.press("Enter");
  await summary(page, /Enforce restricted:latest: rejected/);
  assert.equal(await settings(page), before);
  assert.ok(await hasFocus(page, name));
  assert.equal(await status.count(), 0);
});

pageTest("an invalid configuration changes nothing, and its errors have their line", async ({ page }) => {
  await write(page, `${POD}---\n${ADMISSION.replace("privileged", "strict")}`);
  await control(page, "Use as settings: AdmissionConfiguration").click();
  const status = panel(page).getByRole("status").filter({ hasText: "The settings are not changed" });
  await status.filter({ hasText: /strict/ }).waitFor();
  await summary(page, /Enforce restricted:latest: rejected/);
  await status.getByRole("button", { name: "Line 17" }).click();
  await eventually("the value should be selected", () => page.evaluate(() => getSelection()?.toString() ?? ""), (text) => text.includes("strict"));
  // The errors are those of the old text. Once it is valid, it can be used.
  await write(page, `${POD}---\n${ADMISSION}`);
  await eventually("the errors should go", () => status.count(), (count) => count === 0);
  await control(page, "Use as settings: AdmissionConfiguration").click();
  await summary(page, /Enforce privileged:latest: accepted/);
});

pageTest("the plan for policies is shown, and its settings can be used", async ({ page }) => {
  await write(page, [POLICY, ROLE, POD.replace("image: nginx", "image: nginx\n      ports: [{hostPort: 80}]")].join("---\n"));
  // The findings of the document before it, of another kind, are not those of the policy.
  await summary(page, /^1 object is invalid\. Enforce restricted:latest: rejected, 5 findings/);
  await control(page, "Show the plan: PodSecurityPolicies").click();
  const plan = dialog(page);
  await plan.getByRole("heading", { name: "The plan for PodSecurityPolicies" }).waitFor();
  // Names are text, not markup.
  await plan.getByRole("heading", { name: "<img src=x> old" }).waitFor();
  assert.equal(await plan.locator("img").count(), 0);
  await plan.getByText("No level replaces it: even restricted admits more.").waitFor();
  await plan.getByText(/^Compared with baseline: \d+ fields differ$/).click();
  await plan.locator("li", { hasText: "hostNetwork" }).getByText("looser").first().waitFor();
  await plan.locator("li", { hasText: "Pod web: " }).first().waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), plan.getByRole("button", { name: "Download manifests" }).click()]);
  assert.equal(file.suggestedFilename(), "pod-security-migration.yaml");
  assert.match(await readFile(await file.path(), "utf8"), /kind: ClusterAdmissionPolicy\n/);
  await dismiss(page);
  assert.ok(await hasFocus(page, "Show the plan: PodSecurityPolicies"));
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("button", { name: "Use as settings" }).click();
  await summary(page, /Enforce baseline:v1\.24: accepted/);
  assert.ok(await hasFocus(page, "Undo: PodSecurityPolicies"));
  await page.locator(".document-notes", { hasText: "hostPorts" }).waitFor();
  await page.keyboard.press("Enter");
  await summary(page, /Enforce restricted:latest: rejected/);
  // The line of a policy is a link to the editor.
  await control(page, "Show the plan: PodSecurityPolicies").click();
  await dialog(page).getByRole("button", { name: "Line 1: <img src=x> old" }).click();
  await eventually("the editor should have the focus", () => editor(page).evaluate((own) => own === document.activeElement), Boolean);
});

pageTest("the plan names what is no longer restricted where pods have several policies", async ({ page }) => {
  await write(page, SHARED);
  await control(page, "Show the plan: PodSecurityPolicies").click();
  const section = dialog(page).locator("section", { hasText: "Namespaces with several policies" });
  await section.getByText("Official Kubewarden policies for what all policies there restrict: 2").click();
  await section.getByText("volumes-psp").waitFor();
  await section.getByText("strict: allowedCapabilities, readOnlyRootFilesystem").waitFor();
});

pageTest("leftovers are listed with their lines and what to do", async ({ page }) => {
  await write(page, `${ROLE}---\ngrafana: {rbac: {pspEnabled: true}}\n`);
  const list = panel(page).getByRole("region", { name: "Leftovers of PodSecurityPolicies" });
  await list.getByRole("heading", { name: "2 leftovers of PodSecurityPolicies" }).waitFor();
  const entries = await list.locator(".finding").allTextContents();
  assert.match(entries[0] ?? "", /^Warning rules\[0\] grants the use of all PodSecurityPolicies.*Line 6 rules\[0\]\.resources\[0\].*Then remove the rule$/);
  assert.match(entries[1] ?? "", /grafana\.rbac\.pspEnabled makes a chart create PodSecurityPolicies.*Line 9 .*Set it to false/);
  await list.getByRole("button", { name: "Line 9" }).click();
  await eventually("the value should be selected", () => page.evaluate(() => getSelection()?.toString() ?? ""), (text) => text === "true");
});

pageTest("the page works if the code for migration cannot be loaded, and loads it later", async ({ page }) => {
  let isBlocked = true;
  await page.route(/migrate_bg-[^/]*\.wasm$/, (route) => (isBlocked ? route.abort() : route.continue()));
  await write(page, TEMPLATE);
  await panel(page).getByText("The migration could not be started").waitFor();
  isBlocked = false;
  await panel(page).getByRole("button", { name: "Try again" }).click();
  await control(page, /^Use as settings/).waitFor();
}, { expected: /Failed to load resource/ });
