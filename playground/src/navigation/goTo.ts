// The dialogs Go to line and Go to object.

import { EditorView } from "@codemirror/view";
import type { App, Range } from "../app.ts";
import { documentName } from "../items.ts";
import { button, dialog, field, fill, h, newId } from "../ui.ts";

/** Opens the dialog for a line, or for a line and a column: `12:5`. */
export function openLine(_app: App, view: EditorView): void {
  const { doc, selection } = view.state;
  const input = h("input", { class: "input", type: "text", inputmode: "numeric", autocomplete: "off", value: doc.lineAt(selection.main.head).number });
  const error = h("p", { class: "hint", role: "alert" });
  const form = h(
    "form",
    {
      class: "go-to",
      onSubmit: (event: Event) => {
        event.preventDefault();
        const match = /^\s*(\d+)(?:\s*[:,]\s*(\d+))?\s*$/.exec(input.value);
        if (!match) {
          error.textContent = "Type a number, or a line and a column such as 12:5.";
          input.setAttribute("aria-invalid", "true");
          return;
        }
        opened.close();
        const line = doc.line(Math.min(Math.max(Number(match[1]), 1), doc.lines));
        const anchor = Math.min(line.from + Math.max(Number(match[2] ?? 1) - 1, 0), line.to);
        view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
        view.focus();
      },
    },
    field("Line", input, `1 to ${doc.lines}`),
    error,
    h("div", { class: "buttons" }, button("Go", () => form.requestSubmit(), { kind: "primary" })),
  );
  const opened = dialog("Go to line", form, { focus: input });
  input.select();
}

/** The maximum of objects that are listed at once. */
const MAX_OPTIONS = 100;

interface Target {
  name: string;
  detail: string;
  range: Range;
  file: number;
}

/** Opens the dialog with the objects of all files. */
export function openObject(app: App): void {
  const { files } = app.state;
  const targets: Target[] = (app.report?.documents ?? []).flatMap((document) => {
    if (document.status === "empty") return [];
    const { range, file, namespace } = document;
    const place = files.length > 1 ? `${files[file]?.name ?? ""}:${range.start.line}` : `line ${range.start.line}`;
    return [{ name: documentName(document), detail: [namespace, place].filter(Boolean).join(", "), range, file }];
  });
  const list = h("ul", { class: "object-list", role: "listbox", id: newId("objects"), "aria-label": "Objects" });
  const status = h("p", { class: "hint", role: "status" });
  const input = h("input", {
    class: "input",
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "true",
    "aria-controls": list.id,
    "aria-autocomplete": "list",
    placeholder: "Kind, name or namespace",
  });
  let found: Target[] = [];
  let selected = 0;

  function mark(at: number): void {
    selected = Math.min(Math.max(at, 0), list.childElementCount - 1);
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === selected)));
    const option = list.children[selected];
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function choose(target: Target | undefined): void {
    if (!target) return;
    opened.close();
    app.select({ start: target.range.start, end: target.range.start }, target.file);
  }

  function update(): void {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = targets.filter(({ name, detail }) => words.every((word) => `${name} ${detail}`.toLowerCase().includes(word)));
    fill(
      list,
      found.slice(0, MAX_OPTIONS).map((target, at) =>
        h(
          "li",
          { role: "option", id: `${list.id}-${at}`, onClick: () => choose(target) },
          h("strong", {}, target.name),
          h("span", { class: "muted" }, ` ${target.detail}`),
        ),
      ),
    );
    list.hidden = !found.length;
    status.textContent = !targets.length
      ? "There are no objects."
      : !found.length
        ? "No object contains these words."
        : `${found.length} of ${targets.length}${found.length > MAX_OPTIONS ? `, the first ${MAX_OPTIONS} are listed` : ""}`;
    mark(0);
  }

  input.addEventListener("input", update);
  input.addEventListener("keydown", (event) => {
    const moves: Record<string, number> = { ArrowDown: selected + 1, ArrowUp: selected - 1, PageDown: selected + 8, PageUp: selected - 8 };
    const to = moves[event.key];
    if (to !== undefined) mark(to);
    else if (event.key === "Enter") choose(found[selected]);
    else return;
    event.preventDefault();
  });
  const opened = dialog("Go to object", [field("Object", input), status, list], { focus: input });
  update();
}
