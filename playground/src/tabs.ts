// The tabs of the files above the editor: show, open, rename, move and close files, by pointer and by keyboard.

import type { App } from "./app.ts";
import { uniqueName } from "./names.ts";
import { button, dialog, field, fill, h, icon, newId } from "./ui.ts";
import { DEFAULT_FILE_NAME, isFileName } from "./validation.ts";
import type { Workspace } from "./workspace.ts";

/** Adds the tabs to `host`, for the tab panel `panel`. */
export function mountTabs(host: HTMLElement, panel: HTMLElement, app: App, workspace: Workspace): void {
  const hint = h("p", { class: "visually-hidden", id: newId("tabs") }, "Delete closes the file, F2 renames it, and Control with Shift and an arrow key moves it.");
  const list = h("div", { class: "tab-list", role: "tablist", "aria-label": "Files", "aria-describedby": hint.id });
  const add = button("New file", () => {
    const { files } = app.state;
    const name = uniqueName(DEFAULT_FILE_NAME, files.map((file) => file.name));
    app.replace({ files: [...files, { name, text: "" }], active: files.length });
    workspace.editor.view.focus();
  }, { kind: "borderless", small: true, iconOnly: true, icon: "plus" });
  const own = { kind: "borderless", small: true, iconOnly: true } as const;
  const rename = button("Rename the file", () => openRename(app.state.active), { ...own, icon: "rename" });
  const close = button("Close the file", () => closeFile(app.state.active), { ...own, icon: "close" });
  const undo = button("Undo", () => app.undo(), { ...own, icon: "undo" });
  const redo = button("Redo", () => app.redo(), { ...own, icon: "redo" });
  host.append(list, hint, h("div", { class: "buttons", role: "group", "aria-label": "File and history" }, add, rename, close, undo, redo));

  let shown = "";
  let dragged = -1;

  function closeFile(index: number): void {
    const name = app.state.files[index]?.name ?? "";
    const inList = list.contains(document.activeElement);
    workspace.close(index);
    if (inList) focusTab();
    app.announce(`Closed ${name}. Undo opens it again.`);
  }

  function moveFile(index: number, to: number): void {
    if (to < 0 || to >= app.state.files.length) return;
    workspace.move(index, to);
    focusTab();
  }

  const focusTab = (): void => (list.children[app.state.active] as HTMLElement | undefined)?.focus();

  function openRename(index: number): void {
    const before = app.state.files[index]?.name ?? "";
    const input = h("input", { class: "input", type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", maxlength: 255 });
    input.value = before;
    const error = h("p", { class: "hint", role: "alert" });
    const form = h(
      "form",
      {
        onSubmit: (event: Event) => {
          event.preventDefault();
          const name = input.value.trim();
          const isTaken = app.state.files.some((file, at) => at !== index && file.name === name);
          if (!isFileName(name) || isTaken) {
            error.textContent = isTaken ? "Another file has this name." : "A name has at least one character, and no slash or backslash.";
            input.setAttribute("aria-invalid", "true");
            return;
          }
          opened.close();
          workspace.rename(index, name);
          if (name !== before) app.announce(`Renamed ${before} to ${name}.`);
        },
      },
      field("Name of the file", input),
      error,
      h("div", { class: "buttons" }, h("button", { type: "submit", class: "button button-primary" }, "Rename")),
    );
    const opened = dialog("Rename a file", form, { focus: input });
    // The name without its extension.
    input.setSelectionRange(0, before.lastIndexOf(".") > 0 ? before.lastIndexOf(".") : before.length);
  }

  function onKey(event: KeyboardEvent, index: number): void {
    const { length } = app.state.files;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && event.ctrlKey && event.shiftKey) moveFile(index, index + step);
    else if (event.ctrlKey || event.altKey || event.metaKey) return;
    else if (step) app.activate((index + step + length) % length);
    else if (event.key === "Home") app.activate(0);
    else if (event.key === "End") app.activate(length - 1);
    else if (event.key === "Delete") closeFile(index);
    else if (event.key === "F2") openRename(index);
    else return;
    event.preventDefault();
  }

  function tab(name: string, index: number, selected: boolean): HTMLElement {
    return h(
      "div",
      {
        class: "tab code",
        role: "tab",
        id: `tab-${index}`,
        "aria-selected": String(selected),
        "aria-controls": panel.id,
        tabindex: selected ? 0 : -1,
        title: name,
        draggable: "true",
        onClick: (event: MouseEvent) => {
          // A tab contains no buttons for screen readers; the button Close and Delete do the same.
          if (event.target instanceof Element && event.target.closest(".tab-close")) closeFile(index);
          else app.activate(index);
        },
        onAuxclick: (event: MouseEvent) => {
          if (event.button === 1) closeFile(index);
        },
        onDblclick: () => openRename(index),
        onKeydown: (event: KeyboardEvent) => onKey(event, index),
        onDragstart: () => (dragged = index),
        onDragend: () => (dragged = -1),
        onDragover: (event: DragEvent) => {
          if (dragged >= 0) event.preventDefault();
        },
        onDrop: (event: DragEvent) => {
          if (dragged < 0) return;
          event.preventDefault();
          moveFile(dragged, index);
        },
      },
      h("span", { class: "tab-name" }, name),
      h("span", { class: "tab-close", "aria-hidden": "true" }, icon("close")),
    );
  }

  function show(): void {
    // Not disabled, which would lose the focus with the last step.
    undo.setAttribute("aria-disabled", String(!workspace.canUndo));
    redo.setAttribute("aria-disabled", String(!workspace.canRedo));
    const { files, active } = app.state;
    const key = JSON.stringify([files.map(({ name }) => name), active]);
    if (key === shown) return;
    shown = key;
    const hasFocus = list.contains(document.activeElement);
    fill(list, files.map(({ name }, index) => tab(name, index, index === active)));
    const current = list.children[active] as HTMLElement;
    panel.setAttribute("aria-labelledby", current.id);
    if (hasFocus) current.focus();
    // Not scrollIntoView, which scrolls the page too.
    list.scrollLeft = Math.max(0, Math.min(list.scrollLeft, current.offsetLeft - list.offsetLeft), current.offsetLeft - list.offsetLeft + current.offsetWidth - list.clientWidth);
  }
  show();
  app.onState(show);
}
