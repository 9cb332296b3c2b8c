// The startup: the initial manifests are evaluated and their verdict is shown while the rest of the page is still being
// loaded and built.

import { createAnnouncer } from "./announcer.ts";
import type { Report, State } from "./app.ts";
import { optionsFor } from "./choices.ts";
import { startEngine } from "./engine.ts";
import { firstState } from "./exampleTexts.ts";
import { stateFromHash, INVALID_LINK } from "./shareLink.ts";
import { startTheme } from "./theme.ts";
import { urlsInHash } from "./urlLinks.ts";
import { mountVerdicts } from "./verdicts.ts";

export const elementById = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

startTheme();
export const engine = startEngine();
export const announce = createAnnouncer();
export const verdicts = mountVerdicts(elementById("verdict-body"));

/** The state that the page begins with: that of its address, else of the first example. */
export const initialState = (await stateFromAddress("The page shows its example instead.")) ?? firstState();
/** The evaluation of the initial state. */
export const firstReport: Promise<Report> = engine.evaluate(initialState.files, optionsFor(initialState.choices));

firstReport.then(
  (report) => {
    // Errors in the settings are shown by the controls, once these are loaded.
    if (!report.errors.length) verdicts.show(report, report.documents, false);
  },
  () => {}, // The page shows the error once it is loaded.
);

/** The state in the page's address; null if there is none or it is invalid, which is announced with `consequence`. */
export async function stateFromAddress(consequence: string): Promise<State | null> {
  if (location.hash.length < 2 || urlsInHash(location.hash).length > 0 || document.getElementById(location.hash.slice(1))) return null;
  const state = await stateFromHash(location.hash);
  if (!state) announce(`${INVALID_LINK} ${consequence}`);
  return state;
}
