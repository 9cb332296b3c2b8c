// Fix all: shows the diff, the findings that can be fixed and those that need a decision; the button Apply changes the text.

import "./dialogs.css";
import type { App, FindingKey, Range, Report } from "../app.ts";
import { documentName, type Item, itemsOfDocument } from "../items.ts";
import { button, dialog, fill, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { virtualList } from "../virtualList.ts";
import { diffLinesInTasks, diffTable } from "./diff.ts";

/** Opens the dialog, for all fixes or for those of some findings. */
export async function openFixAll(app: App, selection?: readonly Item[]): Promise<void> {
  const { files } = app.state;
  const options = app.options();
  const keys = selection?.flatMap(({ finding, document: { file, index, item } }): FindingKey[] =>
    finding ? [{ file, index, item, check: finding.check, path: finding.path, value: finding.value }] : [],
  );
  const [before, texts] = await Promise.all([app.engine.evaluate(files, options), app.engine.fix(files, options, keys)]);
  const title = selection ? `Fix ${plural(selection.length, "finding")}` : "Fix all";
  if (before.errors.length > 0) {
    dialog(title, h("p", { class: "note note-error" }, icon("error"), "The settings are invalid, so nothing was evaluated. Fix them first."));
    return;
  }
  const fixed = files.map(({ name }, at) => ({ name, text: texts[at] as string }));
  const unchanged = files.every(({ text }, at) => text === texts[at]);
  const initial = findings(before).length;
  const invalid = before.documents.filter(({ status }) => status === "invalid");
  const listeners = new AbortController();
  const diffs: HTMLElement[] = [];
  for (const [at, { name, text }] of files.entries()) {
    if (text === texts[at]) continue;
    const table = diffTable(await diffLinesInTasks(text, texts[at] as string), listeners.signal);
    diffs.push(files.length > 1 ? h("section", {}, h("h3", {}, name), table) : table);
  }

  let target: { range: Range; file: number } | null = null;
  /** The number of findings that the fixes resolve; null until it is known. */
  let resolved: number | null = null;
  const note = h("span", {}, "Counting the findings that remain…");
  const remainder = h("section");

  function showRemaining(report: Report): void {
    const remaining = findings(report);
    resolved = initial - remaining.length;
    note.textContent = unchanged
      ? initial === 0
        ? "There are no findings to fix."
        : "No finding can be fixed automatically: the fixes depend on the purpose of the pods."
      : selection
        ? `${plural(resolved, "finding")} of ${initial} will be resolved. Comments, order and layout are kept.`
        : `${plural(resolved, "finding")} of ${initial} can be fixed${remaining.length ? `, ${remaining.length} ${remaining.length === 1 ? "needs" : "need"} a decision, see below` : ""}. Comments, order and layout are kept.`;
    if (!remaining.length || selection) return;
    const list = h("div", { class: "changes" });
    fill(remainder, h("h3", null, `${plural(remaining.length, "finding")} remain${remaining.length === 1 ? "s" : ""}`), list);
    virtualList<Item>(
      list,
      {
        render: remainingRow,
        kind: ({ finding }) => finding?.check ?? "",
        gap: () => 0,
        section: () => {},
      },
      listeners.signal,
    ).show([{ key: "remaining", head: [], entries: remaining, foot: [] }]);
  }

  function remainingRow({ finding, document, range }: Item): HTMLElement {
    return h(
      "li",
      null,
      h(
        "div",
        { class: "row" },
        h("code", null, finding?.check),
        h("span", { class: "muted" }, documentName(document)),
        // The ranges refer to the fixed text, so a link is shown only if that is the current text.
        unchanged &&
          button(
            `Line ${range.start.line}`,
            () => {
              target = { range, file: document.file };
              opened.close();
            },
            { small: true, icon: "jump", name: `Line ${range.start.line}: ${finding?.path}` },
          ),
      ),
      h("p", null, finding?.reason),
      h("p", null, h("strong", null, "Needs a decision: "), finding?.advice),
    );
  }

  const apply = button(
    "Apply",
    () => {
      opened.close();
      // The text can change while the dialog is open, by a link for example.
      if (app.state.files !== files) return app.announce("The text has changed. Please open Fix all again.");
      app.replace({ files: fixed });
      app.announce(`Fixed${resolved === null ? "" : `: ${plural(resolved, "finding")}`}. Undo restores the text.`);
    },
    { kind: "primary", icon: "fix" },
  );
  const opened = dialog(
    title,
    [
      h("p", { class: `note note-${unchanged ? "info" : "ok"}`, role: "status" }, icon(unchanged ? "info" : "ok"), note),
      diffs,
      remainder,
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
      focus: unchanged ? undefined : apply,
      actions: unchanged ? [] : [button("Cancel", () => opened.close()), apply],
      onClose: () => {
        listeners.abort();
        if (target !== null) app.select(target.range, target.file);
      },
    },
  );
  // The diff is shown first.
  showRemaining(unchanged ? before : await app.engine.evaluate(fixed, options));
}

const findings = (report: Report): Item[] => report.documents.flatMap((document) => itemsOfDocument(document).filter(({ finding }) => finding));
