// Files: opening, dropping, downloading, errors.
// @ts-check

import assert from "node:assert/strict";
import { downloaded, editor, eventually, open, pageTest, POD, summary, terminal } from "./browser.mjs";

/**
 * The names in the tabs; that of the selected tab with an asterisk.
 * @param {import("playwright-core").Page} page
 */
const tabs = (page) => page.getByRole("tab").evaluateAll((all) => all.map((tab) => `${tab.textContent}${tab.getAttribute("aria-selected") === "true" ? "*" : ""}`));

const CRLF = POD.replaceAll("\n", "\r\n");

/**
 * Drops files on the editor as the browser would.
 * @param {import("playwright-core").Page} page
 * @param {{ name: string, text: string }[]} files
 */
async function drop(page, files) {
  const data = await page.evaluateHandle((own) => {
    const transfer = new DataTransfer();
    for (const { name, text } of own) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  for (const type of ["dragenter", "dragover", "drop"]) await editor(page).dispatchEvent(type, { dataTransfer: data });
}

pageTest("a download has the name and the line endings of the opened file", async ({ page }) => {
  await open(page, [{ name: "web pod.yaml", text: CRLF }]);
  await page.getByText("Opened web pod.yaml.").waitFor();
  await summary(page, /4 findings/);
  assert.deepEqual(await downloaded(page), { name: "web pod.yaml", text: CRLF });
});

pageTest("a new line in a file with CRLF gets CRLF", async ({ page }) => {
  await open(page, [{ name: "pod.yaml", text: CRLF }]);
  await summary(page, /4 findings/);
  await editor(page).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# first");
  await page.keyboard.press("Enter");
  assert.equal((await downloaded(page)).text, `# first\r\n${CRLF}`);
});

const named = (/** @type {string} */ name) => POD.replace("name: web\n", `name: ${name}\n`);

pageTest("dropped files become tabs, with findings by file and line", async ({ page }) => {
  await drop(page, [
    { name: "a.yaml", text: named("first") },
    { name: "b.yaml", text: `---\n${named("second")}` },
    { name: "c.json", text: '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "json"}, "spec": {"containers": [{"name": "c"}]}}' },
  ]);
  await page.getByText("Opened 3 files.").waitFor();
  await summary(page, /3 of 3: rejected/);
  // The example, which was unchanged, is replaced.
  assert.deepEqual(await tabs(page), ["a.yaml*", "b.yaml", "c.json"]);
  await page.getByRole("button", { name: "b.yaml:8", exact: true }).first().click();
  assert.deepEqual(await tabs(page), ["a.yaml", "b.yaml*", "c.json"]);
  await eventually("the line should be selected", () => page.evaluate(() => String(getSelection())), (text) => text === "name: web");
  assert.match((await terminal(page).textContent()) ?? "", /^\$ kubectl apply -f a\.yaml -f b\.yaml -f c\.json\n/);
  assert.deepEqual(await downloaded(page), { name: "b.yaml", text: `---\n${named("second")}` });
});

pageTest("files that are not text are rejected, and the text stays", async ({ page }) => {
  await open(page, [{ name: "pod.yaml", text: POD }]);
  await summary(page, /4 findings/);
  await open(page, [{ name: "image.png", text: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]) }]);
  await page.getByText("image.png cannot be opened: it is not text in UTF-8.").waitFor();
  await open(page, [{ name: "zeros.bin", text: Buffer.alloc(10) }]);
  await page.getByText("zeros.bin cannot be opened: it is not a text file.").waitFor();
  assert.deepEqual(await downloaded(page), { name: "pod.yaml", text: POD });
});
