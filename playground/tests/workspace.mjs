// The undo history of the workspace: after any changes, undo restores the first content and redo the last one.
// @ts-check

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { pageTest } from "./browser.mjs";

const SEEDS = 60;

/** The module as a script that sets `workspace`. */
async function script() {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const entry = fileURLToPath(new URL("../src/workspace.ts", import.meta.url));
  const lib = { entry, formats: /** @type {["iife"]} */ (["iife"]), name: "workspace" };
  const [output] = /** @type {{ output: { code: string }[] }[]} */ (/** @type {unknown} */ (await build({ configFile: false, root, logLevel: "error", build: { write: false, lib } })));
  return output?.output[0]?.code ?? "";
}

pageTest(`undo and redo restore the content after any changes (${SEEDS} sequences)`, async ({ page }) => {
  await page.setContent('<div id="host"></div><input id="first"><input id="second">');
  await page.addScriptTag({ content: await script() });
  const differences = await page.evaluate((seeds) => {
    /** @type {typeof import("../src/workspace.ts")} */
    const { createWorkspace } = /** @type {any} */ (globalThis).workspace;
    const [host, first, second] = ["host", "first", "second"].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));
    if (!host || !first || !second) throw new Error("missing elements");
    const failures = [];
    for (let seed = 1; seed <= seeds; seed += 1) {
      let bits = (seed * 2654435761) >>> 0;
      const random = (/** @type {number} */ limit) => {
        bits = (bits ^ (bits << 13)) >>> 0;
        bits = (bits ^ (bits >>> 17)) >>> 0;
        bits = (bits ^ (bits << 5)) >>> 0;
        return bits % limit;
      };
      host.replaceChildren();
      const choices = (/** @type {number} */ value) => /** @type {import("../src/app.ts").Choices} */ (/** @type {unknown} */ ({ value }));
      const own = createWorkspace(host, "hint", { files: [{ name: "a.yaml", text: "a\r\nb\nc\r\n" }], active: 0, choices: choices(0) }, [], { onEdit() {}, onState() {} });
      const content = () => JSON.stringify([own.state.files, own.state.choices]);
      const initial = content();
      const { view } = own.editor;
      for (let step = 0; step < 40; step += 1) {
        const count = own.state.files.length;
        const changes = [
          () => own.choose(choices(step)),
          () => {
            const field = random(2) ? first : second;
            field.focus();
            own.choose(choices(step));
            field.blur();
          },
          () => own.activate(random(count)),
          () => own.replace({ files: [...own.state.files, { name: `n${step}.yaml`, text: `t${step}\r\n` }], active: count }),
          () => own.close(random(count)),
          () => own.rename(random(count), `r${random(9)}.yaml`),
          () => own.move(random(count), random(count)),
          () => own.setText(`x${step}\n${own.text}`),
          () => own.replace({ files: own.state.files.map(({ name, text }) => ({ name, text: `${text}fix${step}\n` })) }),
          () => void (own.undo() && random(2) && own.redo()),
          () => own.replace({ files: [{ name: "example.yaml", text: `e${step}` }], active: 0, choices: choices(step) }),
          ...Array.from({ length: 3 }, () => () => {
            const from = random(view.state.doc.length + 1);
            const to = Math.min(view.state.doc.length, from + random(3));
            view.dispatch({ changes: { from, to, insert: ["z", "\n", "yy"][random(3)] ?? "" }, userEvent: random(2) ? "input.type" : "input" });
          }),
        ];
        changes[random(changes.length)]?.();
      }
      while (own.redo());
      const last = content();
      while (own.undo());
      if (content() !== initial) failures.push({ seed, undo: content() });
      while (own.redo());
      if (content() !== last) failures.push({ seed, redo: content(), last });
    }
    return failures;
  }, SEEDS);
  assert.deepEqual(differences, []);
}, { stay: true });
