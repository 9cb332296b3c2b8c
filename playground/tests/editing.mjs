// Editing: the first view, the verdict after typing, the ranges of marks, and fixes.
// @ts-check

import assert from "node:assert/strict";
import { dialog, dismiss, downloaded, editor, eventually, findings, fixes, marks, open, pageTest, POD, reopen, summary, terminal, write } from "./browser.mjs";

/**
 * @param {import("playwright-core").Locator} locator
 * @param {{ width: number, height: number }} size
 */
async function insideViewport(locator, { width, height }) {
  const box = await locator.boundingBox();
  return box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
}

pageTest("the first view shows a verdict, a mark and a fix without scrolling", async ({ page }) => {
  const size = { width: 1280, height: 720 };
  await summary(page, /Enforce restricted:latest: pods rejected/);
  for (const [name, locator] of /** @type {const} */ ([
    ["verdict", page.locator("#summary")],
    ["mark", editor(page).locator(".mark").first()],
    ["fix", fixes(page).first()],
    ["terminal", terminal(page)],
  ])) {
    assert.ok(await insideViewport(locator, size), `the ${name} should be in view`);
  }
  assert.equal(await page.evaluate(() => window.scrollY), 0);
});

pageTest("typing changes the verdict, the marks, the list and the terminal", async ({ page }) => {
  await write(page, POD);
  await summary(page, /Enforce restricted:latest: rejected, 4 findings/);
  // The list and the terminal follow the verdict in tasks of their own.
  await eventually("the list", () => findings(page).count(), (count) => count === 4);
  await eventually("the terminal", async () => (await terminal(page).textContent()) ?? "", (text) => /pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "web" must set/.test(text));
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("      securityContext:\n        privileged: true\n");
  await summary(page, /rejected, 5 findings/);
  await eventually("the forbidden value should be marked", () => marks(page), (texts) => texts.includes("true"));
});

pageTest("marks have the correct range after an emoji and with CRLF", async ({ page }) => {
  const text = [
    "# \u{1F469}\u200D\u{1F680} \u{1F600}\u{1F600}",
    "apiVersion: v1",
    "kind: Pod",
    "metadata: {name: web, annotations: {mood: \"\u{1F600}\"}}",
    "spec:",
    "  containers:",
    "    - {name: \"a\", env: [{name: X, value: \"\u{1F600}\u{1F600}\"}], image: nginx, securityContext: {privileged: true, runAsUser: 0}}",
    "  volumes: [{name: h, hostPath: {path: /etc}}] # \u{1F600}",
    "",
  ].join("\r\n");
  await open(page, [{ name: "emoji.yaml", text }]);
  await summary(page, /rejected/);
  const texts = await eventually("the marks of the forbidden values", () => marks(page), (found) => found.includes("true"));
  assert.deepEqual([...texts].sort(), ["0", "securityContext", "true", "{path: /etc}"].sort());
});

pageTest("a fix changes nothing but its range, and can be undone", async ({ page }) => {
  const text = POD.replaceAll("\n", "\r\n");
  await open(page, [{ name: "pod.yaml", text }]);
  await summary(page, /4 findings/);
  await page.getByRole("button", { name: "Fix: Set allowPrivilegeEscalation: false" }).click();
  await summary(page, /3 findings/);
  assert.equal(await page.locator(".finding", { hasText: "allowPrivilegeEscalation" }).count(), 0);
  const after = (await downloaded(page)).text;
  const lines = after.split("\r\n");
  assert.ok(!/[^\r]\n/.test(after), "the line endings should be kept");
  // All old lines in their order, comments included.
  assert.deepEqual(lines.filter((line) => POD.split("\n").includes(line)), POD.split("\n"));
  assert.ok(lines.some((line) => line.trim() === "allowPrivilegeEscalation: false"));
  await editor(page).focus();
  await page.keyboard.press("Control+z");
  await summary(page, /4 findings/);
  assert.equal((await downloaded(page)).text, text);
});

pageTest("fix all shows a diff before it changes the text, and is one undo step", async ({ page }) => {
  const text = `${POD}  volumes:\n    - name: host # needed\n      hostPath:\n        path: /\n`;
  await open(page, [{ name: "pod.yaml", text }]);
  await summary(page, /5 findings/);
  await page.getByRole("button", { name: "Fix all" }).click();
  await dialog(page).getByText("4 findings of 5 can be fixed").waitFor();
  await dialog(page).getByText("1 finding remains").waitFor();
  const added = await dialog(page).locator("tr.added").allTextContents();
  assert.ok(added.some((line) => line.includes("+") && line.includes("allowPrivilegeEscalation: false")), added.join("\n"));
  assert.equal(await dialog(page).locator("tr.removed").count(), 0);
  assert.equal(await page.evaluate(() => document.querySelector("#summary")?.textContent?.includes("5 findings")), true, "the text should be unchanged");
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  assert.equal((await downloaded(page)).text, text);

  await page.getByRole("button", { name: "Fix all" }).click();
  await dialog(page).getByRole("button", { name: "Apply" }).click();
  await summary(page, /1 finding\b/);
  const fixed = (await downloaded(page)).text;
  assert.deepEqual(fixed.split("\n").filter((line) => text.split("\n").includes(line)), text.split("\n"));
  // The remaining finding cannot be fixed automatically.
  await page.getByRole("button", { name: "Fix all" }).click();
  await dialog(page).getByText(/can be fixed automatically/).waitFor();
  assert.equal(await dialog(page).getByRole("button", { name: "Apply" }).count(), 0);
  await dismiss(page);
  await editor(page).focus();
  await page.keyboard.press("Control+z");
  await summary(page, /5 findings/);
  assert.equal((await downloaded(page)).text, text);
});

pageTest("an invalid document does not prevent the evaluation of the others", async ({ page }) => {
  const good = (/** @type {string} */ name) => POD.replace("name: web\n", `name: ${name}\n`);
  await open(page, [{ name: "three.yaml", text: `${good("first")}---\n${good("second")}---\n${good("third")}` }]);
  await summary(page, /3 of 3: rejected, 12 findings/);
  await reopen(page, [{ name: "three.yaml", text: `${good("first")}---\n${good("second").replace("spec:", "spec: [")}---\n${good("third")}` }]);
  await summary(page, /1 document cannot be parsed.*8 findings|1 document cannot be parsed.*2 of 2|1 document cannot be parsed/);
  for (const name of ["first", "third"]) {
    const section = page.locator("section.document", { hasText: `Pod ${name}` });
    assert.equal(await section.locator(".finding").count(), 4, name);
  }
});

pageTest("the last findings stay while the text is invalid", async ({ page }) => {
  await write(page, POD);
  await summary(page, /rejected, 4 findings/);
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("      command: [\n");
  await summary(page, /1 document cannot be parsed/);
  assert.ok((await page.locator(".finding", { hasText: "allowPrivilegeEscalation" }).count()) > 0, "the previous findings should stay");
  assert.equal(await fixes(page).first().isDisabled(), true);
  // The diagnostics are current, and their links work.
  await page.locator(".finding:not(.stale)", { hasText: "Error" }).getByRole("button", { name: /^Line / }).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("]\n");
  await summary(page, /^(?!.*cannot be parsed).*rejected, 4 findings/);
});

pageTest("texts that are too large, or expand without limit, are rejected, and the page still works", async ({ page }) => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (let at = 1; at < 12; at += 1) {
    const [name, before] = ["abcdefghijkl"[at], "abcdefghijkl"[at - 1]];
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`);
  }
  await write(page, `${bomb.join("\n")}\n`);
  await summary(page, /cannot be parsed/);
  await open(page, [{ name: "big.yaml", text: Buffer.alloc(10_000_001, "a") }]);
  await page.getByText(/big\.yaml is too large/).waitFor();
  assert.equal((await downloaded(page)).text, `${bomb.join("\n")}\n`, "the text should be unchanged");
  await write(page, POD);
  await summary(page, /rejected, 4 findings/);
  // A paste is not subject to the limit of files.
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.querySelector(".cm-content")?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, `${"# filler filler filler filler filler filler filler filler filler\n".repeat(160_000)}`);
  await eventually("the page should report that the text is too large", async () => (await page.locator("body").textContent()) ?? "", (text) => /10 MB|too large/.test(text));
  await write(page, POD);
  await summary(page, /rejected, 4 findings/);
});

pageTest("a document that was never valid is not reported as stale", async ({ page }) => {
  await write(page, "# nothing yet\n");
  await summary(page, /^There is no pod to evaluate\.$/);
  await write(page, "kind: [");
  await summary(page, /^1 document cannot be parsed\.$/);
  assert.equal(await page.getByText("earlier results").count(), 0);
});

pageTest("exempt documents are reported", async ({ page }) => {
  await page.getByText("Modes, namespace, exemptions").click();
  await page.getByLabel("Namespaces", { exact: true }).fill("default");
  await summary(page, /^1 document is exempt and not evaluated\.$/);
});
