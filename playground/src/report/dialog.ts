// The dialog with the report that `pss check` writes, to print, copy or download, and the command line for it.

import type { App } from "../app.ts";
import { download } from "../files.ts";
import { linkTo } from "../shareLink.ts";
import { button, copy, dialog, field, fill, h, icon, select } from "../ui.ts";
import { DEFAULT_FILE_NAME } from "../validation.ts";
import { commandLine, shellText } from "./commandLine.ts";
import { printReport } from "./print.ts";

/** The extensions of file names by format. */
const EXTENSIONS: Record<string, string> = { markdown: "md", json: "json", sarif: "sarif", text: "txt" };
/** The number of characters that are shown of a report. */
const MAX_SHOWN = 50_000;

/** Opens the dialog. */
export async function openReport(app: App): Promise<void> {
  // A report is on the state in which the dialog was opened.
  const { files, choices } = app.state;
  const options = app.options();
  const link = await linkTo({ files: [{ name: DEFAULT_FILE_NAME, text: "" }], active: 0, choices }, location.href);
  let text = "";
  const shown = h("pre", { class: "pre", "data-report": true });
  const command = h("pre", { class: "pre", "data-command": true });
  const commandButtons = h("div", { class: "buttons" });
  const errors = h("div", { role: "alert" });
  const status = h("p", { class: "hint", role: "status" });

  /** Returns a report; an empty text, after the errors are shown, if there is none. */
  async function write(format: string): Promise<string> {
    let messages: string[];
    try {
      const result = await app.engine.report(files, options, format);
      if (result.errors.length === 0) return result.text;
      messages = result.errors.map(({ path, message }) => `${path}: ${message}`);
    } catch (error) {
      messages = [String(error)];
    }
    fill(errors, messages.map((message) => h("p", { class: "note note-error" }, icon("error"), message)));
    return "";
  }

  const copied = async (content: string): Promise<void> => {
    status.textContent = (await copy(content)) ? "Copied." : "The browser does not allow copying. Select the text and copy it.";
  };

  async function show(): Promise<void> {
    const format = formats.value;
    const { arguments: words, settings } = commandLine(choices, files, format, link);
    const line = (command.textContent = shellText(words));
    fill(
      commandButtons,
      button("Copy command", () => void copied(line), { small: true, icon: "copy" }),
      settings && button(`Download ${settings.name}`, () => download(settings.name, settings.text), { small: true, icon: "download" }),
    );
    fill(errors);
    text = "";
    const written = await write(format);
    if (format !== formats.value) return;
    text = written;
    shown.textContent = text.slice(0, MAX_SHOWN);
    status.textContent = text.length > MAX_SHOWN ? "This is the beginning. Copy and Download have all of it." : "";
  }

  async function print(): Promise<void> {
    const json = await write("json");
    if (json) printReport(JSON.parse(json), shellText(commandLine(choices, files, "text", link).arguments));
  }

  const formats = select(
    [{ value: "markdown", label: "Markdown" }, { value: "json", label: "JSON" }, { value: "sarif", label: "SARIF" }, { value: "text", label: "Text" }],
    "markdown",
    () => void show(),
  );
  dialog("Report", [field("Format", formats), errors, shown, status, h("h3", null, "The same on the command line"), command, commandButtons], {
    wide: true,
    focus: formats,
    actions: [
      button("Print", () => void print(), { title: "Print all findings" }),
      button("Download", () => text && download(`pod-security-report.${EXTENSIONS[formats.value]}`, text), { icon: "download" }),
      button("Copy", () => text && void copied(text), { kind: "primary", icon: "copy" }),
    ],
  });
  void show();
}
