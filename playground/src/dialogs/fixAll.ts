// Fix all: shows what would change, what goes away and what stays for the author to decide, and changes
// the text only when told to.

import "./dialogs.css";
import type { App, Range, Report } from "../app.ts";
import { button, dialog, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { diffLines, diffTable } from "./diff.ts";
import { documentName } from "./words.ts";

/** Opens it. */
export async function openFixAll(app: App): Promise<void> {
  const { text } = app.state;
  const options = app.options();
  const [before, fixed] = await Promise.all([app.engine.evaluate(text, options), app.engine.fix(text, options)]);
  if (before.errors.length > 0) {
    dialog("Fix all", h("p", { class: "note note-error" }, icon("error"), "The settings are not valid, so nothing was judged. Mend them first."));
    return;
  }
  const after = await app.engine.evaluate(fixed, options);
  const found = findings(before);
  const remaining = findings(after);
  const broken = before.documents.filter(({ status }) => status === "invalid");

  let goTo: Range | null = null;
  const stays = h(
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
          // The places are those after the fix; without one they are those of the text as it is.
          fixed === text &&
            button(
              `Line ${finding.range.start.line}`,
              () => {
                goTo = finding.range;
                opened.close();
              },
              { small: true, icon: "jump", name: `Line ${finding.range.start.line}: ${finding.path}` },
            ),
        ),
        h("p", null, finding.reason),
        h("p", null, h("strong", null, "Yours to decide: "), finding.advice),
      ),
    ),
  );

  const nothing =
    found.length === 0
      ? "Nothing is wrong, so that nothing is to be fixed."
      : "Nothing here can be fixed by machine: what to do depends on what the pods are for, and only you know that.";
  const apply = button(
    "Apply",
    () => {
      opened.close();
      // It may be opened at the very moment of a key, and a link can be followed while it is open.
      if (app.state.text !== text) return app.announce("The text has changed since. Please press Fix all again.");
      app.setText(fixed);
      app.announce(`Fixed: ${plural(found.length - remaining.length, "finding")}. Undo brings the text back.`);
    },
    { kind: "primary", icon: "fix" },
  );
  const opened = dialog(
    "Fix all",
    [
      fixed === text
        ? h("p", { class: "note note-info" }, icon("info"), h("span", null, nothing))
        : [
            h(
              "p",
              { class: "note note-ok" },
              icon("ok"),
              h("span", null, `${plural(found.length - remaining.length, "finding")} of ${found.length} can be fixed${remaining.length ? `, ${remaining.length} ${remaining.length === 1 ? "is" : "are"} left to you, below` : ""}. Comments, order and layout stay as they are.`),
            ),
            diffTable(diffLines(text, fixed)),
          ],
      remaining.length > 0 && h("section", null, h("h3", null, `${plural(remaining.length, "finding")} will stay`), stays),
      broken.length > 0 &&
        h(
          "p",
          { class: "note note-warning" },
          icon("warning"),
          h("span", null, `${plural(broken.length, "document")} cannot be read, and ${broken.length === 1 ? "is" : "are"} left alone.`),
        ),
    ],
    {
      wide: true,
      focus: fixed === text ? undefined : apply,
      actions: fixed === text ? [] : [button("Cancel", () => opened.close()), apply],
      onClose: () => {
        if (goTo !== null) app.select(goTo);
      },
    },
  );
}

function findings(report: Report) {
  return report.documents.flatMap((document) => document.findings.map((finding) => ({ finding, document })));
}
