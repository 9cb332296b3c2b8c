// Files: opening them, dropping them on the page, and downloading what the editor holds.

import type { App } from "./app.ts";
import { button, h } from "./ui.ts";

/** As much as the engine takes. */
const MAX_BYTES = 10_000_000;

/** A reason to refuse files, in words for the user. */
class Refusal extends Error {}

/** Puts the buttons into the toolbar, and lets files be dropped on the zone. */
export function mountFiles(app: App, toolbar: HTMLElement, dropZone: HTMLElement): void {
  const open = async (files: File[]): Promise<void> => {
    if (files.length === 0) return;
    try {
      const { text, name } = await read(files);
      app.setText(text, name);
      app.announce(files.length === 1 ? `Opened ${name}.` : `Opened ${files.length} files as one.`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      app.announce(error.message);
    }
  };

  const input = h("input", {
    type: "file",
    multiple: true,
    accept: ".yaml,.yml,.json,.txt,application/yaml,application/json,text/plain",
    hidden: true,
    "aria-label": "Files to open",
  });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // So that the same file can be opened again.
    input.value = "";
    void open(files);
  });
  toolbar.append(
    input,
    button("Open", () => input.click(), { icon: "open", title: "Open files; or drop them on the editor" }),
    button("Download", () => download(app.state.fileName, app.state.text), { icon: "download" }),
  );

  const isFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  // While it is caught on its way down: the editor would put a dropped file in at the cursor.
  dropZone.addEventListener(
    "drop",
    (event) => {
      dropZone.classList.remove("dropping");
      if (!isFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      void open([...(event.dataTransfer?.files ?? [])]);
    },
    true,
  );
  dropZone.addEventListener("dragover", (event) => {
    if (isFiles(event)) dropZone.classList.add("dropping");
  });
  dropZone.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node && dropZone.contains(event.relatedTarget))) dropZone.classList.remove("dropping");
  });
  // A file that misses the zone would take the place of the page, and of what was typed.
  for (const type of ["dragover", "drop"] as const) {
    window.addEventListener(type, (event) => {
      if (isFiles(event)) event.preventDefault();
    });
  }
}

/** Lets the browser save a text. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = h("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // Not at once: some browsers read it only after the click is handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function read(files: File[]): Promise<{ text: string; name: string }> {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > MAX_BYTES) {
    throw new Refusal(`${files.length === 1 ? `${files[0]?.name} is` : "These files are"} too big: at most 10 MB can be judged.`);
  }
  const texts = await Promise.all(files.map(readOne));
  return { text: texts.reduce(join), name: files.length === 1 ? (files[0]?.name ?? "") : "manifests.yaml" };
}

async function readOne(file: File): Promise<string> {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Refusal(`${file.name} cannot be opened: it is not text in UTF-8.`);
  }
  if (text.includes("\0")) throw new Refusal(`${file.name} cannot be opened: it is not a text file.`);
  return text;
}

/** Puts one file behind another, as documents of their own, with the first one's line ends. */
function join(before: string, after: string): string {
  const end = /\r\n?|\n/.exec(before)?.[0] ?? "\n";
  const gap = /(^|[\r\n])$/.test(before) ? "" : end;
  // Two marks in a row would have an empty document between them.
  const mark = /^---\s/.test(after) || /(^|[\r\n])---\s*$/.test(before) ? "" : `---${end}`;
  return before + gap + mark + after;
}
