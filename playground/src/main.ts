// What is loaded first: the styles of all parts, and as little code as the first verdict takes. The rest, most
// of which is the editor, comes while the core is at work.

import "./styles/base.css";
import "./styles/page.css";
import "./styles/editor.css";
import "./dialogs/dialogs.css";
import { announce, at, first } from "./start.ts";

/** How long the editor may wait for the first verdict, in milliseconds. */
const PATIENCE = 400;

// While the page is being built nothing else can be shown, and that takes longer than the verdict. Where the core
// is slow to come it does not wait.
await Promise.race([first.catch(() => {}), new Promise((done) => setTimeout(done, PATIENCE))]);
// Not in the same breath as the verdict: it should be seen first.
await new Promise((done) => setTimeout(done));
import("./page.ts").catch((error: unknown) => {
  at("editor").textContent = "The editor could not be loaded. Please load the page again.";
  announce("The page could not be loaded completely. Please load it again.");
  throw error;
});
