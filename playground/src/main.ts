// The entry point: the styles of all parts, and only the code that the first verdict needs. The rest of the page, mostly
// the editor, is loaded while the core evaluates.

import "./styles/base.css";
import "./styles/page.css";
import "./styles/editor.css";
import "./styles/embed.css";
import "./dialogs/dialogs.css";
import "./report/report.css";
import { announce, elementById, firstReport } from "./startup.ts";

/** How long the editor waits for the first verdict, in milliseconds. */
const FIRST_VERDICT_TIMEOUT = 400;

// Building the page blocks rendering, and takes longer than the verdict; so the verdict is shown first, unless the core
// loads slowly.
await Promise.race([firstReport.catch(() => {}), new Promise((done) => setTimeout(done, FIRST_VERDICT_TIMEOUT))]);
// In a separate task, so that the verdict is rendered first.
await new Promise((done) => setTimeout(done));
import("./page.ts").catch((error: unknown) => {
  elementById("editor").textContent = "The editor could not be loaded. Please load the page again.";
  announce("The page could not be loaded completely. Please load it again.");
  throw error;
});
