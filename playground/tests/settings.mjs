// The settings besides the level: labels, exemptions, hardening, and further settings as text.
// @ts-check

import assert from "node:assert/strict";
import { dialog, editor, eventually, findings, pageTest, POD, summary, terminal, write } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
const openMore = (page) => page.locator("details.more > summary").click();
/** @param {Page} page */
const furtherSettings = (page) => page.getByRole("textbox", { name: "Further settings, as YAML or JSON" });
/** @type {(page: Page, title: string) => Promise<string[]>} */
const notes = (page, title) => page.locator(".document-notes", { has: page.getByRole("heading", { name: title }) }).locator("li").allTextContents();
/** @param {Page} page */
const policy = async (page) => {
  await page.getByRole("button", { name: "Policy", exact: true }).click();
  const text = (await dialog(page).locator("pre").textContent()) ?? "";
  await page.keyboard.press("Escape");
  await eventually("the dialog should close", () => page.getByRole("dialog").count(), (count) => count === 0);
  return text;
};

const TWO = `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
    - name: agent
      ports: [{hostPort: 80}]
    - name: web
      ports: [{hostPort: 81}]
`;

const RULE = `exemptions:
  checks:
    - checks: [hostPorts]
      containers: [ag*]
      reason: it serves the node
`;

pageTest("an exemption rule can be written as text, and the page lists what it exempts", async ({ page }) => {
  await write(page, TWO);
  await page.getByRole("radio", { name: "Baseline" }).check({ force: true });
  await summary(page, /Enforce baseline:latest: rejected, 2 findings/);
  await openMore(page);
  await furtherSettings(page).fill(RULE);
  await summary(page, /Enforce baseline:latest: rejected, 1 finding\b/);
  assert.equal(await findings(page).count(), 1);
  assert.deepEqual(await notes(page, "Exempt"), ["Line 9 spec.containers[0].ports[0].hostPorthostPortsit serves the node"]);
  // The line is a link to the editor.
  await page.locator(".document-notes").getByRole("button", { name: "Line 9" }).click();
  await eventually("the port should be selected", () => page.evaluate(() => getSelection()?.toString() ?? ""), (text) => text === "80");
  await eventually("the collapsed controls should list it", async () => (await page.locator(".more-set").textContent()) ?? "", (text) => text.includes("further settings"));
  assert.match(await policy(page), /checks: \[hostPorts\]\n +containers: \["ag\*"\]\n +reason: "it serves the node"/);
  // If everything is exempt, there are no findings, but the exemptions are listed.
  await furtherSettings(page).fill(RULE.replace("ag*", "'*'"));
  await summary(page, /Enforce baseline:latest: accepted/);
  assert.equal((await notes(page, "Exempt")).length, 2);
});

pageTest("errors in further settings are shown with their line", async ({ page }) => {
  await write(page, POD);
  await openMore(page);
  await furtherSettings(page).fill(RULE.replace("hostPorts", "hostPort"));
  await summary(page, /settings are invalid/);
  assert.equal(await furtherSettings(page).getAttribute("aria-invalid"), "true");
  const note = page.locator(".option-errors .note-error");
  await note.filter({ hasText: /exemptions\.checks\[0\]\.checks\[0\], line 3: there is no check "hostPort"; did you mean "hostPorts"\?/ }).waitFor();
  // Screen readers announce it.
  assert.equal(await page.locator(".option-errors").getAttribute("role"), "status");
  await note.getByRole("button", { name: "Show it" }).click();
  const selected = () =>
    furtherSettings(page).evaluate((own) => {
      const area = /** @type {HTMLTextAreaElement} */ (own);
      return document.activeElement === area ? area.value.slice(area.selectionStart, area.selectionEnd) : "";
    });
  await eventually("the name should be selected", selected, (text) => text === "hostPort");
  await furtherSettings(page).fill("a: [");
  await note.filter({ hasText: "more settings, line 1: did not find expected" }).waitFor();
  // An error in a control is shown there, although the text is not empty.
  await furtherSettings(page).fill("details: true");
  await page.getByLabel("Patterns of namespaces").fill("*");
  await note.filter({ hasText: "exemptions.namespacePatterns[0]: stands for every namespace" }).waitFor();
  assert.equal(await page.getByLabel("Patterns of namespaces").getAttribute("aria-invalid"), "true");
  assert.equal(await furtherSettings(page).getAttribute("aria-invalid"), null);
  await page.getByLabel("Patterns of namespaces").fill("kube-*");
  await summary(page, /Enforce restricted:latest: rejected/);
  assert.equal(await page.locator(".option-errors .note").count(), 0);
});

pageTest("a rule that needs another one gets a warning with its line", async ({ page }) => {
  await write(page, POD);
  await openMore(page);
  await furtherSettings(page).fill(RULE.replace("hostPorts", "privileged"));
  const note = page.locator(".option-errors .note-warning");
  await note.filter({ hasText: /exemptions\.checks\[0\]\.checks, line 3: the exemption of privileged also needs that of allowPrivilegeEscalation/ }).waitFor();
  await furtherSettings(page).fill(RULE.replace("hostPorts", "privileged, allowPrivilegeEscalation"));
  await note.waitFor({ state: "detached" });
});

pageTest("missing fields are set, and the page lists them", async ({ page }) => {
  await write(page, POD);
  await summary(page, /Enforce restricted:latest: rejected, 4 findings/);
  await openMore(page);
  const names = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];
  for (const [place, name] of names.entries()) {
    await page.getByRole("checkbox", { name }).check();
    await summary(page, place < 3 ? new RegExp(`rejected, ${3 - place} finding`) : /Enforce restricted:latest: accepted/);
  }
  assert.deepEqual(await notes(page, "Set when it is applied"), [
    "Line 7 spec.containers[0].securityContext.allowPrivilegeEscalation: false",
    'Line 7 spec.containers[0].securityContext.capabilities.drop: ["ALL"]',
    "Line 7 spec.containers[0].securityContext.runAsNonRoot: true",
    'Line 7 spec.containers[0].securityContext.seccompProfile.type: "RuntimeDefault"',
  ]);
  assert.match((await terminal(page).textContent()) ?? "", /Warning: hardened: container "web" got .*\npod\/web created\n$/);
  const text = await policy(page);
  assert.match(text, /name: pod-security-standards-harden\n[^]*mutating: true[^]*harden: \[allowPrivilegeEscalation, [^]*\n---\n[^]*name: pod-security-standards\n[^]*mutating: false/);
});

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: privileged
    pod-security.kubernetes.io/enforced: baseline
`;

pageTest("the setting of namespace labels is applied", async ({ page }) => {
  await write(page, `${NAMESPACE}---\n${POD.replace("name: web", "name: web\n  namespace: shop")}`);
  await summary(page, /Enforce restricted:latest: rejected/);
  await openMore(page);
  const labels = page.getByLabel("Labels of namespaces");
  const typos = page.getByRole("checkbox", { name: "Warn about labels without effect" });
  const warnings = page.locator(".finding-warning");
  assert.equal(await typos.isChecked(), false);
  await labels.selectOption("honor");
  await summary(page, /Enforce privileged:latest: accepted/);
  await labels.selectOption("tighten");
  await summary(page, /Enforce restricted:latest: rejected/);
  // It is the default of this setting.
  assert.equal(await typos.isChecked(), true);
  await warnings.filter({ hasText: "enforced all the same" }).waitFor();
  await warnings.filter({ hasText: 'did you mean "pod-security.kubernetes.io/enforce"?' }).waitFor();
  await typos.uncheck();
  await eventually("the warning should go", () => warnings.count(), (count) => count === 1);
  assert.match(await policy(page), /namespaceLabels: tighten\n +labelTypos: ignore/);
  await typos.check();
  await labels.selectOption("set");
  await warnings.filter({ hasText: "it was raised to restricted" }).waitFor();
  assert.equal((await notes(page, "Set when it is applied"))[0], "Line 6 metadata.labels[pod-security.kubernetes.io/enforce]: restricted");
  assert.match(await policy(page), /namespaceLabels: set\n[^]*---\n[^]*namespaceLabels: tighten\n(?! +labelTypos)/);
});

pageTest("groups, service accounts and updates", async ({ page }) => {
  await write(page, POD);
  await openMore(page);
  await page.getByLabel("Groups of users").fill("ops");
  await summary(page, /rejected, 4 findings/);
  await page.getByLabel("Groups of the user").fill("dev, ops");
  await summary(page, /1 document is exempt/);
  await page.getByText("It is exempt by its user's group, and was not evaluated.").waitFor();
  await page.getByLabel("Groups of the user").fill("");
  await page.getByLabel("Service accounts of pods").fill("default/default");
  await page.getByText("It is exempt by its service account, and was not evaluated.").waitFor();
  await page.getByLabel("Reject workloads whose pods would be rejected").check();
  await page.getByLabel("Accept updates of workloads without new violations").check();
  const text = await policy(page);
  assert.match(text, /groups: \[ops\]\n +serviceAccounts: \[default\/default\]\n +workloads: enforce\n +updates: allow-existing\n/);
});

pageTest("further settings are in the link, and can be edited by the keyboard", async ({ page, context, url }) => {
  await write(page, TWO);
  await openMore(page);
  await furtherSettings(page).focus();
  await page.keyboard.insertText(RULE);
  await page.keyboard.press("Tab");
  assert.equal(await furtherSettings(page).evaluate((own) => own === document.activeElement), false);
  await page.locator(".document-notes").waitFor();
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.getByRole("button", { name: "Share" }).click();
  const link = await eventually("the link should be copied", () => page.evaluate(() => navigator.clipboard.readText()), (text) => text.startsWith(`${url}#`));
  const other = await context.newPage();
  await other.goto(link);
  await other.locator(".document-notes").waitFor();
  assert.equal(await other.locator(".more textarea").inputValue(), RULE);
  assert.equal(await editor(other).count(), 1);
}, { permissions: ["clipboard-read", "clipboard-write"] });
