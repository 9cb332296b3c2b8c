// The ClusterAdmissionPolicy that enforces what the page shows, to copy or to download.

import "./dialogs.css";
import type { App } from "../app.ts";
import { download } from "../files.ts";
import { button, copy, dialog, h, icon } from "../ui.ts";

const FILE_NAME = "pod-security-standards.yaml";

/** Opens it. */
export async function openPolicy(app: App): Promise<void> {
  const mistakes = app.report?.errors ?? [];
  if (mistakes.length > 0) {
    dialog("The policy for your cluster", [
      h("p", { class: "note note-error" }, icon("error"), "Kubewarden would not take a policy of these choices. Mend them first:"),
      h("ul", null, mistakes.map(({ path, message }) => h("li", null, h("code", null, path), ` ${message}`))),
    ]);
    return;
  }
  const text = await app.engine.policy(app.options());
  const said = h("p", { class: "hint", role: "status" });
  const copyButton = button(
    "Copy",
    async () => {
      said.textContent = (await copy(text)) ? "Copied." : "The browser does not let the page copy. Select the text and copy it yourself.";
    },
    { kind: "primary", icon: "copy" },
  );
  dialog(
    "The policy for your cluster",
    [
      h(
        "p",
        null,
        "With Kubewarden installed, ",
        h("code", { class: "boxed" }, `kubectl apply -f ${FILE_NAME}`),
        " makes the cluster judge as this page does now.",
      ),
      text.includes("\n---\n")
        ? h("p", null, "It holds two: one changes what is applied, and has to be allowed to; the other judges what comes of it, and has the last word.")
        : null,
      h("pre", { class: "pre", "data-policy": true }, text),
      said,
    ],
    {
      wide: true,
      focus: copyButton,
      actions: [button("Download", () => download(FILE_NAME, text), { icon: "download" }), copyButton],
    },
  );
}
