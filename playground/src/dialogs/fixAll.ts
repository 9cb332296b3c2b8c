// Fix all: shows the diff, the findings that can be fixed and those that need a decision; the button Apply changes the text.

import "./dialogs.css";
import type { App, Range, Report } from "../app.ts";
import { button, dialog, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { diffLines, diffTable } from "./diff.ts";
import { documentName } from "./descriptions.ts";

/** Opens the dialog. */
export async function openFixAll(app: App): Promise<void> {
  const { files } = app.state;
  const options = app.options();
  const [before, texts] = await Promise.all([app.engine.evaluate(files, options), app.engine.fix(files, options)]);
  const fixed = files.map(({ name }, at) => ({ name, text: texts[at] as string }));
  const changed = files.flatMap((file, at) => (file.text === texts[at] ? [] : [{ name: file.name, before: file.text, after: texts[at] as string }]));
  if (before.errors.length > 0) {
    dialog("Fix all", h("p", { class: "note note-error" }, icon("error"), "The settings are invalid, so nothing was evaluated. Fix them first."));
    return;
  }
  const after = await app.engine.evaluate(fixed, options);
  const initial = findings(before);
  const remaining = findings(after);
  const invalid = before.documents.filter(({ status }) => status === "invalid");

  let target: { range: Range; file: number } | null = null;
  const remainingList = h(
    "ul",
    { class: "changes" },
    remaining.map(({ finding, document }) =>
      h(
        "li",
        null,
        h(
          "div",
          { class: "row" },
          h("code", null, finding.check),
          h("span", { class: "muted" }, documentName(document)),
          // The ranges refer to the fixed text, so a link is shown only if that is the current text.
          !changed.length &&
            button(
              `Line ${finding.range.start.line}`,
              () => {
                target = { range: finding.range, file: document.file };
                opened.close();
              },
              { small: true, icon: "jump", name: `Line ${finding.range.start.line}: ${finding.path}` },
            ),
        ),
        h("p", null, finding.reason),
        h("p", null, h("strong", null, "Needs a decision: "), finding.advice),
      ),
    ),
  );

  const explanation =
    initial.length === 0
      ? "There are no findings to fix."
      : "No finding can be fixed automatically: the fixes depend on the purpose of the pods.";
  const apply = button(
    "Apply",
    () => {
      opened.close();
      // The text can change while the dialog is open, by a link for example.
      if (app.state.files !== files) return app.announce("The text has changed. Please open Fix all again.");
      app.replace({ files: fixed });
      app.announce(`Fixed: ${plural(initial.length - remaining.length, "finding")}. Undo restores the text.`);
    },
    { kind: "primary", icon: "fix" },
  );
  const opened = dialog(
    "Fix all",
    [
      !changed.length
        ? h("p", { class: "note note-info" }, icon("info"), h("span", null, explanation))
        : [
            h(
              "p",
              { class: "note note-ok" },
              icon("ok"),
              h("span", null, `${plural(initial.length - remaining.length, "finding")} of ${initial.length} can be fixed${remaining.length ? `, ${remaining.length} ${remaining.length === 1 ? "needs" : "need"} a decision, see below` : ""}. Comments, order and layout are kept.`),
            ),
            changed.map(({ name, before: text, after: fixedText }) => [files.length > 1 && h("h3", null, name), diffTable(diffLines(text, fixedText))]),
          ],
      remaining.length > 0 && h("section", null, h("h3", null, `${plural(remaining.length, "finding")} remain${remaining.length === 1 ? "s" : ""}`), remainingList),
      invalid.length > 0 &&
        h(
          "p",
          { class: "note note-warning" },
          icon("warning"),
          h("span", null, `${plural(invalid.length, "document")} cannot be parsed and ${invalid.length === 1 ? "is" : "are"} not changed.`),
        ),
    ],
    {
      wide: true,
      focus: changed.length ? apply : undefined,
      actions: !changed.length ? [] : [button("Cancel", () => opened.close()), apply],
      onClose: () => {
        if (target !== null) app.select(target.range, target.file);
      },
    },
  );
}

function findings(report: Report) {
  return report.documents.flatMap((document) => document.findings.map((finding) => ({ finding, document })));
}
