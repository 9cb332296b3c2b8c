// The search field and the dialogs: catalogue, comparison, policy.
// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModule } from "./modules.mjs";
import { dialog, dismiss, downloaded, editor, eventually, options, pageTest, POD, summary, write } from "./browser.mjs";

const MESSAGE =
  'Error creating: pods "web-6cdb4b5c7b-8xk2v" is forbidden: violates PodSecurity "restricted:v1.25": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
const CHECKS = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

/** @param {import("playwright-core").Page} page */
const field = (page) => page.getByRole("combobox", { name: /Find a check/ });

/** @param {import("playwright-core").Page} page */
const openChecks = (page) => dialog(page).locator("li:has(> details[open])").evaluateAll((all) => all.map((one) => one.getAttribute("data-check")));

pageTest("a pasted message of Kubernetes about another object opens its checks", async ({ page }) => {
  await write(page, POD.replaceAll("web", "other"));
  await summary(page, /4 findings/);
  await page.evaluate((text) => navigator.clipboard.writeText(text), MESSAGE);
  await field(page).focus();
  await page.keyboard.press("Control+v");
  await dialog(page).waitFor();
  assert.deepEqual((await openChecks(page)).sort(), CHECKS);
}, { permissions: ["clipboard-read", "clipboard-write"] });

pageTest("a typed message offers its checks", async ({ page }) => {
  await write(page, POD.replaceAll("web", "other"));
  await summary(page, /4 findings/);
  await field(page).fill(MESSAGE);
  await options(page).filter({ hasText: "Open the 4 checks in this message" }).waitFor();
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  assert.deepEqual((await openChecks(page)).sort(), CHECKS);
});

pageTest("the search field finds checks by name and by field, with the keyboard alone", async ({ page }) => {
  await field(page).focus();
  await page.keyboard.insertText("hostport");
  await options(page).filter({ hasText: /^hostPorts/ }).waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("procMount");
  await eventually("the options", () => options(page).allTextContents(), (all) => all.length >= 2 && all.every((one) => /procMount/.test(one)));
  await page.keyboard.press("ArrowDown");
  assert.equal(await options(page).nth(1).getAttribute("aria-selected"), "true");
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  assert.equal((await openChecks(page)).length, 1);
  await dismiss(page);
  await field(page).fill("spec.hostNetwork");
  await options(page).filter({ hasText: /^hostNamespaces/ }).waitFor();
  await field(page).fill("nothing has these words");
  await page.getByText("No check and no object has these words.").first().waitFor();
});

pageTest("the catalogue lists all checks with fields, values and history, and can be filtered", async ({ page }) => {
  await page.getByRole("button", { name: "Checks" }).click();
  await dialog(page).waitFor();
  const rows = dialog(page).locator("[data-check]");
  assert.equal(await rows.count(), 19);
  await dialog(page).getByRole("button", { name: "Open all" }).click();
  for (const row of await rows.all()) {
    const text = (await row.textContent()) ?? "";
    for (const part of ["Why", "What to do", "Allowed values", "History", "v1."]) assert.ok(text.includes(part), `${part} in ${text}`);
  }
  assert.match((await dialog(page).locator('[data-check="capabilities_restricted"]').textContent()) ?? "", /overrides capabilities_baseline/);
  assert.match((await dialog(page).locator('[data-check="sysctls"]').textContent()) ?? "", /since v1\.27/);
  await dialog(page).getByRole("searchbox").fill("hostPath");
  assert.ok((await rows.count()) < 19);
  assert.ok((await dialog(page).locator('[data-check="hostPathVolumes"]').count()) === 1);
});

pageTest("a finding opens its check in the catalogue", async ({ page }) => {
  await page.locator(".finding").getByRole("button", { name: "hostPorts" }).click();
  await dialog(page).waitFor();
  assert.deepEqual(await openChecks(page), ["hostPorts"]);
});

pageTest("the comparison lists the changes of checks and findings, and selects a finding", async ({ page }) => {
  await write(page, POD);
  await summary(page, /4 findings/);
  await page.getByRole("button", { name: /Compare/ }).click();
  await dialog(page).getByText("From baseline:latest to restricted:latest: 4 new findings, 0 findings resolved.").waitFor();
  const from = dialog(page).getByRole("group", { name: "From" });
  const to = dialog(page).getByRole("group", { name: "To" });
  await from.getByLabel("Level").selectOption("restricted");
  await from.getByLabel("Version").selectOption("v1.0");
  await to.getByLabel("Version").selectOption("v1.21");
  await dialog(page).getByText(/From restricted:v1\.0 to restricted:v1\.21: 2 new findings/).waitFor();
  assert.match((await dialog(page).textContent()) ?? "", /Added\s*seccompProfile_restricted/);
  // With the changes of the versions in between.
  assert.match((await dialog(page).textContent()) ?? "", /Added\s*allowPrivilegeEscalation\s*v1\.8\s*Introduced, with the field\./);
  await dialog(page).getByRole("button", { name: /^Line \d+: .*allowPrivilegeEscalation/ }).click();
  await eventually("the editor should have the focus", () => editor(page).evaluate((own) => own === document.activeElement), Boolean);
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.match((await page.evaluate(() => String(getSelection()))), /name|web/);
});

test("the history between two versions does not depend on their order", async () => {
  /** @type {typeof import("../src/dialogs/descriptions.ts")} */
  const { historyBetween } = await loadModule("dialogs/descriptions.ts");
  const history = [
    { version: "v1.0", change: "a", everywhere: false },
    { version: "v1.27", change: "b", everywhere: false },
    { version: "v1.29", change: "c", everywhere: false },
    { version: "v1.30", change: "d", everywhere: true },
  ];
  /** @type {(from: string, to: string) => string} */
  const between = (from, to) => historyBetween(history, from, to).map(({ change }) => change).join("");
  for (const [from, to, expected] of /** @type {const} */ ([
    ["v1.26", "v1.30", "bc"],
    ["v1.30", "v1.26", "bc"],
    ["v1.27", "v1.29", "c"],
    ["v1.0", "latest", "bc"],
    ["latest", "v1.28", "c"],
    ["v1.29", "v1.29", ""],
    ["latest", "latest", ""],
  ])) {
    assert.equal(between(from, to), expected, `${from} ${to}`);
  }
});

pageTest("several clicks on a button open one dialog", async ({ page }) => {
  for (const name of ["Compare…", "Policy", "Checks", "Fix all…"]) {
    await page.getByRole("button", { name, exact: true }).evaluate((button) => {
      for (let press = 0; press < 3; press += 1) /** @type {HTMLElement} */ (button).click();
    });
    await dialog(page).waitFor();
    // The core processes calls in order, so the calls before are complete then.
    await page.getByRole("combobox", { name: /Find a check/, includeHidden: true }).evaluate((input) => {
      /** @type {HTMLInputElement} */ (input).value = "hostPorts";
      input.dispatchEvent(new Event("input"));
    });
    await page.locator("#search [role=option]").first().waitFor({ state: "attached" });
    assert.equal(await page.locator("dialog").count(), 1, name);
    await dismiss(page);
    await page.getByRole("combobox", { name: /Find a check/ }).fill("");
  }
});

pageTest("errors in settings and warnings about labels are shown at their controls", async ({ page }) => {
  await write(page, POD);
  await page.getByText("Modes, namespace, exemptions").click();
  await page.getByRole("button", { name: "Add a label" }).click();
  const value = page.getByLabel("Value of the label");
  await value.fill("restrictd");
  await page.getByText("They have no effect while").waitFor();
  await page.getByLabel("Labels of namespaces").selectOption("honor");
  await page.locator(".note-warning", { hasText: "restrictd" }).getByRole("button", { name: "Show it" }).click();
  await eventually("the focus should be at the label", () => value.evaluate((own) => own === document.activeElement), Boolean);
  assert.equal(await value.getAttribute("aria-invalid"), "true");
  await summary(page, /Enforce restricted:latest: rejected/);
  await value.fill("baseline");
  await summary(page, /Enforce baseline:latest: accepted/);
  assert.equal(await value.getAttribute("aria-invalid"), null);
  assert.equal(await page.locator(".option-errors .note").count(), 0);

  const users = page.getByLabel("Users", { exact: true });
  await users.fill("alice, alice");
  await summary(page, /settings are invalid/);
  await page.locator(".note-error", { hasText: "alice" }).waitFor();
  assert.equal(await users.getAttribute("aria-invalid"), "true");
  // The reason why the findings are stale.
  await page.getByText("The document was not evaluated with these settings").waitFor();
  assert.equal(await page.getByText("cannot be parsed").count(), 0);
  await page.getByRole("button", { name: "Policy", exact: true }).click();
  await dialog(page).getByText("Kubewarden would reject a policy with these settings").waitFor();
});

pageTest("the policy has the current settings, and can be copied and downloaded", async ({ page }) => {
  await page.getByRole("radio", { name: "Baseline" }).check({ force: true });
  await summary(page, /Enforce baseline:latest/);
  await page.getByRole("button", { name: "Policy" }).click();
  const text = (await dialog(page).locator("pre").textContent()) ?? "";
  for (const part of [/^apiVersion: policies\.kubewarden\.io\/v1$/m, /^kind: ClusterAdmissionPolicy$/m, /level: baseline/]) assert.match(text, part);
  await dialog(page).getByRole("button", { name: "Copy" }).click();
  await dialog(page).getByText("Copied.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
  assert.deepEqual(await downloaded(page), { name: "pod-security-standards.yaml", text });
}, { permissions: ["clipboard-read", "clipboard-write"] });
