// Fix all: shows the diff, the findings that can be fixed and those that need a decision; the button Apply changes the text.

import "./dialogs.css";
import type { App, FindingKey, Range, Report } from "../app.ts";
import { documentName, type Item, itemsOfDocument } from "../items.ts";
import { append, button, dialog, fill, h, icon } from "../ui.ts";
import { plural } from "../verdicts.ts";
import { virtualList } from "../virtualList.ts";
import { diffLinesInTasks, diffTable } from "./diff.ts";

/** How long the dialog waits for the fixes before it opens without them, in milliseconds. */
const OPENING_DELAY = 30;

/** Opens the dialog, for all fixes or for those of some findings. */
export async function openFixAll(app: App, selection?: readonly Item[]): Promise<void> {
  const { files } = app.state;
  const options = app.options();
  const keys = selection?.map(
    ({ finding, title, document: { file, index, item } }): FindingKey =>
      finding ? { file, index, item, check: finding.check, path: finding.path, value: finding.value } : { file, index, item, check: "", path: title, value: null },
  );
  const [fixing, evaluation] = [app.engine.fix(files, options, keys), app.engine.evaluate(files, options)];
  const results = Promise.all([fixing, evaluation]);
  await Promise.race([results, new Promise((done) => setTimeout(done, OPENING_DELAY))]);

  let target: { range: Range; file: number } | null = null;
  let fixed: { name: string; text: string }[] = [];
  /** The number of findings that the fixes resolve; null until it is known. */
  let resolved: number | null = null;
  const listeners = new AbortController();
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
  apply.disabled = true;
  const note = h("span", {}, "Computing the fixes\u2026");
  const noteBox = h("p", { class: "note note-info", role: "status" }, icon("info"), note);
  const opened = dialog(selection ? `Fix ${plural(selection.length, "finding")}` : "Fix all", noteBox, {
    wide: true,
    actions: [button("Cancel", () => opened.close()), apply],
    onClose: () => {
      listeners.abort();
      if (target !== null) app.select(target.range, target.file);
    },
  });

  // The page shows the error.
  results.catch(() => opened.close());
  const texts = await fixing;
  fixed = files.map(({ name }, at) => ({ name, text: texts[at] as string }));
  const unchanged = files.every(({ text }, at) => text === texts[at]);
  const diffs: HTMLElement[] = [];
  for (const [at, { name, text }] of files.entries()) {
    if (text === texts[at]) continue;
    const table = diffTable(await diffLinesInTasks(text, texts[at] as string), listeners.signal);
    diffs.push(files.length > 1 ? h("section", {}, h("h3", {}, name), table) : table);
  }
  if (listeners.signal.aborted) return;
  append(opened.body, [diffs]);
  const before = await evaluation;
  if (before.errors.length > 0) {
    setNote("error", "The settings are invalid, so nothing was evaluated. Fix them first.");
    return removeActions();
  }
  const initial = counted(before).length;
  const invalid = before.documents.filter(({ status }) => status === "invalid");
  const remainder = h("section");
  append(opened.body, [
    remainder,
    invalid.length > 0 &&
      h(
        "p",
        { class: "note note-warning" },
        icon("warning"),
        h("span", null, `${plural(invalid.length, "document")} cannot be parsed and ${invalid.length === 1 ? "is" : "are"} not changed.`),
      ),
  ]);
  if (unchanged) removeActions();
  else {
    setNote("ok", "Counting the findings that remain\u2026");
    apply.disabled = false;
    // Unless the focus was moved already.
    if (!opened.body.contains(document.activeElement)) apply.focus();
  }
  // The diff is shown first.
  showRemaining(unchanged ? before : await app.engine.evaluate(fixed, options));

  /** What the dialog counts: a selection can contain errors, which are no findings. */
  function counted(report: Report): Item[] {
    return report.documents.flatMap((document) => itemsOfDocument(document).filter(({ finding }) => finding || selection));
  }

  function setNote(kind: "error" | "info" | "ok", text: string): void {
    noteBox.className = `note note-${kind}`;
    fill(noteBox, icon(kind), note);
    note.textContent = text;
  }

  function removeActions(): void {
    opened.element.querySelector(".dialog-foot")?.remove();
  }

  function showRemaining(report: Report): void {
    const remaining = counted(report);
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
        render: (item) => remainingRow(item),
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
}
