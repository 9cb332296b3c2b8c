// The start: what the page begins with is judged, and its verdict shown, while the rest of the page is still
// being loaded and built.

import { createAnnouncer } from "./announce.ts";
import type { Report, State } from "./app.ts";
import { optionsFor } from "./choices.ts";
import { startEngine } from "./engine.ts";
import { firstState } from "./exampleTexts.ts";
import { stateFromHash, UNREADABLE_LINK } from "./share.ts";
import { startTheme } from "./theme.ts";
import { mountVerdicts } from "./verdicts.ts";

export const at = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

startTheme();
export const engine = startEngine();
export const announce = createAnnouncer();
export const verdicts = mountVerdicts(at("verdict-body"));

/** What the page begins with. */
export const initial = (await stateFromAddress("The page shows its example instead.")) ?? firstState();
/** What the core says of it. */
export const first: Promise<Report> = engine.evaluate(initial.text, optionsFor(initial.choices));

first.then(
  (report) => {
    // Mistakes are told by the controls, once they are there.
    if (!report.errors.length) verdicts.show(report, report.documents, false);
  },
  () => {}, // Told when the page asks for it.
);

/** What the address holds; null if that is nothing, or nothing that can be read. */
export async function stateFromAddress(otherwise: string): Promise<State | null> {
  if (location.hash.length < 2 || document.getElementById(location.hash.slice(1))) return null;
  const state = await stateFromHash(location.hash);
  if (!state) announce(`${UNREADABLE_LINK} ${otherwise}`);
  return state;
}
