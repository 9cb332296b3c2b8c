// The dialog with the report that `pss check` writes, to print, copy or download, and the command line for it.

import type { App } from "../app.ts";
import { download } from "../files.ts";
import { linkTo } from "../shareLink.ts";
import { DEFAULT_FILE_NAME } from "../validation.ts";
import { button, copy, dialog, field, fill, h, icon, select } from "../ui.ts";
import { commandLine, shellText } from "./commandLine.ts";
import { reportOn } from "./engine.ts";
import { printReport } from "./print.ts";

const FORMATS = [
  { value: "markdown", label: "Markdown", extension: "md" },
  { value: "json", label: "JSON", extension: "json" },
  { value: "sarif", label: "SARIF", extension: "sarif" },
  { value: "text", label: "Text", extension: "txt" },
];
/** The number of characters that are shown of a report. */
const MAX_SHOWN = 50_000;

/** Opens the dialog. */
export async function openReport(app: App): Promise<void> {
  // A report is on the state in which the dialog was opened.
  const { files, choices } = app.state;
  const options = app.options();
  const link = await linkTo({ files: [{ name: DEFAULT_FILE_NAME, text: "" }], active: 0, choices }, location.href);
  let format = FORMATS[0] as (typeof FORMATS)[number];
  let text: string | null = null;
  const shown = h("pre", { class: "pre", "data-report": true });
  const command = h("pre", { class: "pre", "data-command": true });
  const commandButtons = h("div", { class: "buttons" });
  const errors = h("div", { role: "alert" });
  const status = h("p", { class: "hint", role: "status" });

  /** Returns a report; null, after its errors are shown, if there is none. */
  async function write(format: string): Promise<string | null> {
    try {
      const result = await reportOn(files, options, format);
      if (result.errors.length === 0) return result.text;
      showError("Fix these settings first:", h("ul", null, result.errors.map(({ path, message }) => h("li", null, h("code", null, path), ` ${message}`))));
    } catch (error) {
      showError(error instanceof Error ? error.message : String(error));
    }
    return null;
  }

  function showError(message: string, details: HTMLElement | null = null): void {
    fill(errors, h("div", { class: "note note-error" }, icon("error"), h("span", null, message, details)));
  }

  const copied = async (content: string): Promise<void> => {
    status.textContent = (await copy(content)) ? "Copied." : "The browser does not allow copying. Select the text and copy it.";
  };

  async function show(): Promise<void> {
    const own = format;
    const { arguments: words, settings } = commandLine(choices, files, own.value, link);
    const line = shellText(words);
    command.textContent = line;
    fill(
      commandButtons,
      button("Copy command", () => void copied(line), { small: true, icon: "copy" }),
      settings && button(`Download ${settings.name}`, () => download(settings.name, settings.text), { small: true, icon: "download" }),
    );
    text = null;
    fill(errors);
    status.textContent = "The report is being written…";
    const written = await write(own.value);
    if (own !== format) return;
    text = written;
    shown.textContent = written?.slice(0, MAX_SHOWN) ?? "";
    status.textContent = (written?.length ?? 0) > MAX_SHOWN ? "The beginning of the report is shown. Copy and Download have all of it." : "";
  }

  async function print(): Promise<void> {
    const json = await write("json");
    if (json !== null) printReport(JSON.parse(json), shellText(commandLine(choices, files, "text", link).arguments));
  }

  const formats = select(FORMATS, format.value, (value) => {
    format = FORMATS.find((one) => one.value === value) ?? format;
    void show();
  });
  dialog(
    "Report",
    [field("Format", formats), errors, shown, status, h("h3", null, "The same on the command line"), command, commandButtons],
    {
      wide: true,
      focus: formats,
      actions: [
        button("Print", () => void print(), { title: "Print all findings" }),
        button("Download", () => text !== null && download(`pod-security-report.${format.extension}`, text), { icon: "download" }),
        button("Copy", () => text !== null && void copied(text), { kind: "primary", icon: "copy" }),
      ],
    },
  );
  void show();
}
