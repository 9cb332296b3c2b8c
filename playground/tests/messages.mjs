// Messages of Kubernetes in the search field: the object and the findings that they are about.
// @ts-check

import assert from "node:assert/strict";
import { test } from "node:test";
import { editor, eventually, open, options, pageTest, POD, summary } from "./browser.mjs";
import { loadModule } from "./modules.mjs";

/** @type {typeof import("../src/messageTargets.ts")} */
const { targetOf } = await loadModule("messageTargets.ts");

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("../src/app.ts").DocumentReport} DocumentReport */

/** @type {(kind: string, name: string, file: number, findings: [check: string, container: string][]) => DocumentReport} */
const documentOf = (kind, name, file, findings) =>
  /** @type {any} */ ({ kind, name, file, findings: findings.map(([check, container]) => ({ check, reason: `Container "${container}" of ${check}.` })) });

const FILES = [{ name: "a.yaml", text: "" }, { name: "b.yaml", text: "" }];
const DOCUMENTS = [
  documentOf("Namespace", "web", 0, []),
  documentOf("Deployment", "web", 0, [["privileged", "app"], ["runAsNonRoot", "app"], ["runAsNonRoot", "proxy"]]),
  documentOf("Deployment", "web-api", 0, [["privileged", "server"]]),
  documentOf("StatefulSet", "db", 0, [["hostPorts", "postgres"]]),
  documentOf("CronJob", "backup", 0, [["hostPorts", "app"]]),
  documentOf("DaemonSet", "agent", 1, [["hostPathVolumes", "agent"]]),
  documentOf("Pod", "web", 1, [["privileged", "app"]]),
  documentOf("Deployment", "", 1, [["sysctls", "x"]]),
];

test("a message is about the object that it names", () => {
  for (const [message, checks, expected] of /** @type {[string, string[], string | null][]} */ ([
    // Errors of kubectl.
    ['Error from server (Forbidden): error when creating "b.yaml": pods "web" is forbidden: violates PodSecurity "restricted:latest": privileged (container "app" must not set securityContext.privileged=true)', ["privileged"], "Pod web: privileged app"],
    ['Error from server (Forbidden): error when creating "dir/a.yaml": deployments.apps "web" is forbidden: violates PodSecurity "restricted:latest": privileged (container "app" must not set securityContext.privileged=true)', ["privileged"], "Deployment web: privileged app"],
    // Events of controllers, with the name of a pod or what it is generated from.
    ['Error creating: pods "web-5d4f8c-abcde" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or containers "app", "proxy" must set securityContext.runAsNonRoot=true)', ["runAsNonRoot"], "Deployment web: runAsNonRoot app, runAsNonRoot proxy"],
    ['pods "web-api-7c5ddbdf54-" is forbidden', [], "Deployment web-api: privileged server"],
    ['create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden', [], "StatefulSet db: hostPorts postgres"],
    ['Error creating: pods "agent-x2x4w" is forbidden', [], "DaemonSet agent: hostPathVolumes agent"],
    ["backup-28391040-b7x2k", [], "CronJob backup: hostPorts app"],
    ["web-5d4f8c-abcde   0/1   CreateContainerConfigError   0   3s", [], "Deployment web: privileged app, runAsNonRoot app, runAsNonRoot proxy"],
    ["pod/web created", [], "Pod web: privileged app"],
    ["deployment.apps/web-api configured", [], "Deployment web-api: privileged server"],
    // In JSON.
    ['{"msg":"pods \\"agent-x2x4w\\" is forbidden"}', [], "DaemonSet agent: hostPathVolumes agent"],
    // Warnings do not name the object, but its containers.
    ['Warning: would violate PodSecurity "restricted:latest": runAsNonRoot != true (pod or containers "app", "proxy" must set securityContext.runAsNonRoot=true)', ["runAsNonRoot"], "Deployment web: runAsNonRoot app, runAsNonRoot proxy"],
    ['Warning: would violate PodSecurity "restricted:latest": privileged (container "server" must not set securityContext.privileged=true)', ["privileged"], "Deployment web-api: privileged server"],
    // The findings of the named container come first.
    ['deployments.apps "web" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "proxy" must set securityContext.runAsNonRoot=true)', ["runAsNonRoot"], "Deployment web: runAsNonRoot proxy, runAsNonRoot app"],
    // Names alone.
    ["postgres", [], "StatefulSet db: hostPorts postgres"],
    ["web-api", [], "Deployment web-api: privileged server"],
    // No object.
    ["", [], null],
    ["run web", [], null],
    ["host network", [], null],
    ['pods "website" is forbidden', [], null],
    ['pods "web-metrics" is forbidden', [], null],
    ['pods "other" is forbidden: violates PodSecurity "restricted:latest": privileged (container "app" must not set securityContext.privileged=true)', ["privileged"], null],
  ])) {
    const target = targetOf(message, checks, DOCUMENTS, FILES);
    const text = target && `${target.document.kind} ${target.document.name}: ${target.findings.map(({ check, reason }) => `${check} ${reason.split('"')[1]}`).join(", ")}`;
    assert.equal(text, expected, message);
  }
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - name: app
          image: nginx
          securityContext: {privileged: true}
        - name: proxy
          image: envoy
          ports: [{containerPort: 80, hostPort: 80}]
`;

/** @param {Page} page */
const field = (page) => page.getByRole("combobox", { name: /Find a check/ });

/**
 * Pastes a text into the search field.
 * @param {Page} page
 * @param {string} text
 */
async function paste(page, text) {
  await field(page).fill("");
  await field(page).evaluate((own, message) => {
    const data = new DataTransfer();
    data.setData("text/plain", message);
    own.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }, text);
}

/** The line of the cursor in the editor, and the explanation. @param {Page} page */
const place = async (page) => [await page.locator(".cm-activeLine").textContent(), await page.getByRole("group", { name: "Findings here" }).textContent()];

pageTest("a pasted message goes to its object and explains the finding", async ({ page }) => {
  await open(page, [{ name: "shop.yaml", text: DEPLOYMENT }, { name: "web.yaml", text: POD }]);
  await summary(page, /findings/);
  // The other file is shown.
  assert.match((await editor(page).textContent()) ?? "", /kind: Deployment/);
  await paste(page, 'Error from server (Forbidden): error when creating "web.yaml": pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)');
  await page.getByRole("group", { name: "Findings here" }).waitFor();
  assert.match((await editor(page).textContent()) ?? "", /kind: Pod/);
  assert.ok(await editor(page).evaluate((own) => own === document.activeElement));
  await eventually("the announcement", async () => (await page.locator(".toast").textContent()) ?? "", (text) => /^Pod web: 1 finding of this message in web\.yaml:\d+\.$/.test(text));
  await paste(page, 'Error creating: pods "shop-5d4f8c-abcde" is forbidden: violates PodSecurity "restricted:latest": hostPort (container "proxy" uses hostPort 80)');
  await eventually("the line", async () => (await place(page)).join(), (text) => /hostPort: 80/.test(text) && /proxy/.test(text));
  // A message whose findings are fixed goes to the object.
  await paste(page, 'deployments.apps "shop" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)');
  await eventually("the announcement", async () => (await page.locator(".toast").textContent()) ?? "", (text) => text === "Deployment shop has no finding of this message.");
  assert.equal(await page.locator(".cm-activeLine").textContent(), "apiVersion: apps/v1");
  // Without an object of this name the checks are opened.
  await paste(page, 'pods "other" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)');
  await page.getByRole("dialog").locator("details[open]").first().waitFor();
});

pageTest("the search lists the object of a name with its findings", async ({ page }) => {
  await open(page, [{ name: "shop.yaml", text: DEPLOYMENT }]);
  await summary(page, /findings/);
  await field(page).fill("shop-5d4f8c-abcde");
  await options(page).first().waitFor();
  const texts = await options(page).allTextContents();
  assert.match(texts[0] ?? "", /^Go to Deployment shop, \d+ findings$/);
  assert.ok(texts.some((text) => /^line 12: .*"app"/.test(text)), texts.join("\n"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Findings here" }).waitFor();
  // A container's name finds its findings.
  await field(page).fill("proxy");
  await options(page).first().waitFor();
  await page.keyboard.press("Enter");
  await eventually("the line", async () => (await place(page)).join(), (text) => /proxy/.test(text));
});
