// Files: opening them, dropping them on the page, and downloading the text of the editor.

import type { App, ManifestFile } from "./app.ts";
import { TextError, textFrom } from "./fileText.ts";
import { button, h } from "./ui.ts";

/** The limit of the engine. */
const MAX_BYTES = 10_000_000;

/** An error of files that cannot be opened; its message is shown. */
class FileError extends Error {}

/** Adds the buttons to the toolbar, and accepts files that are dropped on the zone. */
export function mountFiles(app: App, toolbar: HTMLElement, dropZone: HTMLElement): void {
  const open = async (files: File[]): Promise<void> => {
    if (files.length === 0) return;
    try {
      const names = app.addFiles(await read(files));
      app.announce(files.length === 1 ? `Opened ${names[0]}.` : `Opened ${files.length} files.`);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
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
    // Without it, opening the same file again would fire no event.
    input.value = "";
    void open(files);
  });
  toolbar.append(
    input,
    button("Open", () => input.click(), { icon: "open", title: "Open files, or drop them on the editor" }),
    button("Download", () => download(app.state.files[app.state.active]?.name ?? "", app.text), { icon: "download" }),
  );

  const all = button("Download all", () => void downloadAll(app.state.files), { title: "All files as manifests.zip" });
  const showAll = (): void => void (all.hidden = app.state.files.length < 2);
  showAll();
  app.onState(showAll);
  toolbar.append(all);

  const isFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  // In the capture phase: the editor would insert a dropped file at the cursor.
  dropZone.addEventListener(
    "drop",
    (event) => {
      dropZone.classList.remove("drop-target");
      if (!isFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      void open([...(event.dataTransfer?.files ?? [])]);
    },
    true,
  );
  dropZone.addEventListener("dragover", (event) => {
    if (isFiles(event)) dropZone.classList.add("drop-target");
  });
  dropZone.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node && dropZone.contains(event.relatedTarget))) dropZone.classList.remove("drop-target");
  });
  // The browser would open a file that is dropped elsewhere instead of the page.
  for (const type of ["dragover", "drop"] as const) {
    window.addEventListener(type, (event) => {
      if (isFiles(event)) event.preventDefault();
    });
  }
}

/** Downloads a text. */
export function download(name: string, text: string): void {
  save(name, new Blob([text], { type: "application/yaml" }));
}

/** Downloads files as a ZIP archive, which stores them without compression. */
async function downloadAll(files: readonly ManifestFile[]): Promise<void> {
  const { downloadZip } = await import("client-zip");
  const encoder = new TextEncoder();
  save("manifests.zip", await downloadZip(files.map(({ name, text }) => ({ name, input: encoder.encode(text), lastModified: new Date() }))).blob());
}

function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // Not at once: some browsers read the URL after the click is handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function read(files: File[]): Promise<ManifestFile[]> {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > MAX_BYTES) {
    throw new FileError(`${files.length === 1 ? `${files[0]?.name} is` : "These files are"} too large: the limit is 10 MB.`);
  }
  return Promise.all(files.map(async (file) => ({ name: file.name, text: await readOne(file) })));
}

async function readOne(file: File): Promise<string> {
  try {
    return textFrom(await file.arrayBuffer(), file.name);
  } catch (error) {
    throw error instanceof TextError ? new FileError(error.message) : new FileError(`${file.name} cannot be read.`);
  }
}
