// Errors about fields and their causes on the page, with what kubectl prints and their fixes.
// @ts-check

import assert from "node:assert/strict";
import { dialog, eventually, findings, pageTest, terminal, write } from "./browser.mjs";

const pod = (/** @type {string} */ metadata, /** @type {string} */ spec) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n${metadata}spec:\n${spec}  containers:\n  - name: c\n    image: i\n`;

/** The text, a part of the output of kubectl, and the title of the fix. @type {[string, RegExp, string | null][]} */
const ERRORS = [
  [pod("  annotations: {prometheus.io/scrape: true}\n", ""), /json: cannot unmarshal bool into Go struct field ObjectMeta\.metadata\.annotations of type string/, 'Fix: Put'],
  [`${pod("", "")}    env: [{name: P, value: 8080}]\n`, /json: cannot unmarshal number into Go struct field EnvVar\.spec\.containers\.env\.value of type string/, "Fix: Put"],
  [`${pod("", "")}    args: [--port, 80]\n`, /json: cannot unmarshal number into Go struct field Container\.spec\.containers\.args of type string/, "Fix: Put"],
  [pod("", "  restartPolicy: no\n"), /json: cannot unmarshal bool into Go struct field PodSpec\.spec\.restartPolicy of type v1\.RestartPolicy/, null],
  [pod("", "  hostnetwork: true\n"), /strict decoding error: unknown field "spec\.hostnetwork"/, "Fix: Rename"],
  [pod("", "  securityContext: {capabilities: {drop: [ALL]}}\n"), /strict decoding error: unknown field "spec\.securityContext\.capabilities"/, "Fix: Move"],
];

pageTest("errors about fields have what kubectl prints, and a fix", async ({ page }) => {
  for (const [text, output, fix] of ERRORS) {
    await write(page, text);
    await eventually("the output of kubectl", () => terminal(page).innerText(), (own) => output.test(own));
    const buttons = await findings(page).first().getByRole("button").evaluateAll((all) => all.map((own) => own.getAttribute("aria-label") ?? ""));
    if (fix) assert.ok(buttons.some((name) => name.startsWith(fix)), `${output}: ${buttons.join()}`);
  }
});

pageTest("Fix all also renames fields", async ({ page }) => {
  await write(page, pod("", "  hostnetwork: false\n"));
  await eventually("the error", () => terminal(page).innerText(), (own) => /unknown field/.test(own));
  await page.locator("#fix-all").click();
  await dialog(page).getByText("hostNetwork: false").first().waitFor();
});

pageTest("texts of other kinds are named, and the rest of a template is judged", async ({ page }) => {
  for (const [text, cause] of /** @type {[string, RegExp][]} */ ([
    ["services:\n  web:\n    image: nginx\n", /Compose/],
    ["apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n", /tab/i],
    ["replicaCount: 1\nimage:\n  repository: nginx\n  tag: latest\n", /values/],
  ])) {
    await write(page, text);
    await eventually("the cause", () => findings(page).first().innerText(), (own) => cause.test(own));
    assert.equal(await findings(page).count(), 1);
  }
  await write(page, pod("  labels:\n    app: {{ .Release.Name }}\n", "  hostPID: true\n"));
  await page.getByRole("button", { name: "Judge the rest" }).click();
  await findings(page).filter({ hasText: "hostNamespaces" }).waitFor();
  await findings(page).filter({ hasText: "masked" }).waitFor();
});
