// The dialog with the ClusterAdmissionPolicy of the current settings, to copy or to download.

import "./dialogs.css";
import type { App } from "../app.ts";
import { download } from "../files.ts";
import { button, copy, dialog, h, icon } from "../ui.ts";

const FILE_NAME = "pod-security-standards.yaml";

/** Opens the dialog. */
export async function openPolicy(app: App): Promise<void> {
  const errors = app.report?.errors ?? [];
  if (errors.length > 0) {
    dialog("The policy for your cluster", [
      h("p", { class: "note note-error" }, icon("error"), "Kubewarden would reject a policy with these settings. Fix them first:"),
      h("ul", null, errors.map(({ path, message }) => h("li", null, path !== "" && h("code", null, path), ` ${message}`))),
    ]);
    return;
  }
  const text = await app.engine.policy(app.options());
  const status = h("p", { class: "hint", role: "status" });
  const copyButton = button(
    "Copy",
    async () => {
      status.textContent = (await copy(text)) ? "Copied." : "The browser does not allow copying. Select the text and copy it.";
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
        " makes the cluster evaluate requests with the settings of this page.",
      ),
      text.includes("\n---\n")
        ? h("p", null, "There are two policies: the first one changes pods and is mutating; the second one evaluates the result.")
        : null,
      h("pre", { class: "pre", "data-policy": true }, text),
      status,
    ],
    {
      wide: true,
      focus: copyButton,
      actions: [button("Download", () => download(FILE_NAME, text), { icon: "download" }), copyButton],
    },
  );
}
