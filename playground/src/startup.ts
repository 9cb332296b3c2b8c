// The startup: the initial manifests are evaluated and their verdict is shown while the rest of the page is still being
// loaded and built.

import { createAnnouncer } from "./announcer.ts";
import type { Report, State } from "./app.ts";
import { optionsFor } from "./choices.ts";
import { startEmbed } from "./embed.ts";
import { startEngine } from "./engine.ts";
import { firstState } from "./exampleTexts.ts";
import { stateFromHash, INVALID_LINK } from "./shareLink.ts";
import { initialSession } from "./sessions.ts";
import { startTheme } from "./theme.ts";
import { urlsInHash } from "./urlLinks.ts";
import { mountVerdicts } from "./verdicts.ts";

export const elementById = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

startEmbed();
startTheme();
export const engine = startEngine();
export const announce = createAnnouncer();
export const verdicts = mountVerdicts(elementById("verdict-body"));

/** Where the state that the page begins with is from. */
export let origin: "link" | "session" | "example" = "example";

/** The state that the page begins with: that of its address, else of the last session, else of the first example. */
export const initialState = await firstStateOf(linkInAddress());

async function firstStateOf(link: string): Promise<State> {
  // A page that is loaded again has the session that its link became.
  const session = await initialSession(link);
  if (session) {
    origin = "session";
    return session;
  }
  const linked = link && (await stateFromHash(link));
  if (linked) {
    origin = "link";
    return linked;
  }
  const last = link && (await initialSession(""));
  if (last) origin = "session";
  if (link) announce(`${INVALID_LINK} The page shows ${last ? "the last session" : "its example"} instead.`);
  return last || firstState();
}

/** The evaluation of the initial state. */
export const firstReport: Promise<Report> = engine.evaluate(initialState.files, optionsFor(initialState.choices));

firstReport.then(
  (report) => {
    // Errors in the settings are shown by the controls, once these are loaded.
    if (!report.errors.length) verdicts.show(report, report.documents, false);
  },
  () => {}, // The page shows the error once it is loaded.
);

/** The fragment of the address if it is a share link; empty if it has URLs, or is that of an element. */
export function linkInAddress(): string {
  const { hash } = location;
  return hash.length < 2 || urlsInHash(hash).length > 0 || document.getElementById(hash.slice(1)) ? "" : hash;
}
