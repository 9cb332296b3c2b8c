// Files: opening, dropping, downloading, errors.
// @ts-check

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
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

pageTest("several files are downloaded as a ZIP archive", async ({ page }) => {
  assert.equal(await page.getByRole("button", { name: "Download all" }).isVisible(), false);
  const files = [{ name: "a.yaml", text: CRLF }, { name: "b ä.yaml", text: named("second") }];
  await open(page, files);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download all" }).click()]);
  assert.equal(download.suggestedFilename(), "manifests.zip");
  const bytes = await readFile(await download.path());
  /** @type {{ name: string, text: string }[]} */
  const entries = [];
  // Each entry has a local header of 30 bytes and a name; its size is in the central directory.
  for (let at = bytes.indexOf("PK\x01\x02", 0, "latin1"); bytes.readUInt32LE(at) === 0x02014b50; ) {
    const [size, nameLength, extraLength, commentLength, offset] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
    entries.push({ name: bytes.toString("utf8", at + 46, at + 46 + nameLength), text: bytes.toString("utf8", start, start + size) });
    at += 46 + nameLength + extraLength + commentLength;
  }
  assert.deepEqual(entries, files);
});

pageTest("files with the same name get unique names, and tabs work by the keyboard", async ({ page }) => {
  await open(page, [{ name: "a.yaml", text: named("first") }]);
  await open(page, [{ name: "a.yaml", text: named("second") }]);
  await page.getByText("Opened a-2.yaml.").waitFor();
  await page.getByRole("button", { name: "New file" }).click();
  await eventually("the tabs", () => tabs(page), (names) => names.join() === "a.yaml,a-2.yaml,manifest.yaml*");
  await page.getByRole("tab", { name: "manifest.yaml" }).focus();
  await page.keyboard.press("Home");
  assert.deepEqual(await tabs(page), ["a.yaml*", "a-2.yaml", "manifest.yaml"]);
  await page.keyboard.press("Control+Shift+ArrowRight");
  assert.deepEqual(await tabs(page), ["a-2.yaml", "a.yaml*", "manifest.yaml"]);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await tabs(page), ["a-2.yaml*", "a.yaml", "manifest.yaml"]);
  await page.keyboard.press("F2");
  const name = page.getByLabel("Name of the file");
  for (const [invalid, message] of /** @type {const} */ ([["a.yaml", "Another file has this name."], ["a/b", "no slash"], ["  ", "at least one character"]])) {
    await name.fill(invalid);
    await page.keyboard.press("Enter");
    await page.getByText(message).waitFor();
  }
  await name.fill("own name.yaml");
  await page.keyboard.press("Enter");
  await eventually("the name", () => tabs(page), (names) => names[0] === "own name.yaml*");
  await eventually("the command", () => terminal(page).textContent(), (text) => /^\$ kubectl apply -f 'own name\.yaml' -f a\.yaml -f manifest\.yaml\n/.test(text ?? ""));
  assert.equal((await downloaded(page)).name, "own name.yaml");
  for (let count = 3; count > 0; count -= 1) await page.getByRole("button", { name: "Close the file" }).click();
  assert.deepEqual(await tabs(page), ["manifest.yaml*"]);
  await summary(page, /There is no pod/);
});

pageTest("a new file is beside an example, and opened files replace it", async ({ page }) => {
  await page.getByRole("button", { name: "New file" }).click();
  assert.deepEqual(await tabs(page), ["deployment.yaml", "manifest.yaml*"]);
  await open(page, [{ name: "mine.yaml", text: POD }]);
  await eventually("the tabs", () => tabs(page), (names) => names.join() === "mine.yaml*");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  assert.deepEqual(await tabs(page), ["deployment.yaml", "manifest.yaml*"]);
});

pageTest("each file keeps its selection, its scroll position and its undo history", async ({ page }) => {
  const long = `${"# line\n".repeat(300)}${POD}`;
  await open(page, [{ name: "long.yaml", text: long }, { name: "short.yaml", text: named("short") }]);
  await editor(page).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("# end");
  const top = () => page.evaluate(() => document.querySelector(".cm-scroller")?.scrollTop ?? 0);
  const before = await eventually("it should scroll", top, (own) => own > 1000);
  await page.getByRole("tab", { name: "short.yaml" }).click();
  await eventually("it should be at the top", top, (own) => own === 0);
  await page.getByRole("tab", { name: "long.yaml" }).click();
  await eventually("it should scroll", top, (own) => Math.abs(own - before) < 30);
  await editor(page).focus();
  await eventually("the cursor should be in the last line", () => page.evaluate(() => getSelection()?.focusNode?.textContent), (own) => own === "# end");
  await page.keyboard.insertText("2");
  assert.equal((await downloaded(page)).text, `${long}# end2`);
});

pageTest("the findings of all files can be fixed at once, and undone at once", async ({ page }) => {
  await open(page, [{ name: "a.yaml", text: named("first") }, { name: "b.yaml", text: named("second") }]);
  await summary(page, /2 of 2: rejected, 8 findings/);
  await page.getByRole("button", { name: "Fix all" }).click();
  await page.getByRole("dialog").getByText("8 findings of 8 can be fixed").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Apply" }).click();
  await summary(page, /Enforce restricted:latest: accepted/);
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await summary(page, /2 of 2: rejected, 8 findings/);
  // A fix of a file that is not shown shows it.
  await page.locator("section.document", { hasText: "Pod second" }).getByRole("button", { name: "Fix: Set allowPrivilegeEscalation: false" }).click();
  await summary(page, /2 of 2: rejected, 7 findings/);
  assert.deepEqual(await tabs(page), ["a.yaml", "b.yaml*"]);
});
