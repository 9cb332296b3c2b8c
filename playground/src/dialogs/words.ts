// Words that several dialogs use: what a document is called, what changed when.

import type { CheckInfo } from "../app.ts";
import { h } from "../ui.ts";

/** What a document is called: `Deployment "web"`. */
export function documentName(document: { index: number; item: number | null; kind: string; name: string }): string {
  const place = document.item === null ? "" : `, item ${document.item + 1}`;
  if (document.kind === "") return `Document ${document.index + 1}${place}`;
  return document.name === "" ? `${document.kind} (document ${document.index + 1}${place})` : `${document.kind} "${document.name}"`;
}

/** What changed when, as a list. */
export function historyList(history: CheckInfo["history"]): HTMLElement {
  return h(
    "dl",
    { class: "history" },
    history.map(({ version, change }) => [h("dt", null, version), h("dd", null, change)]),
  );
}

/** What changed in a check between two versions of the standards, the later of them included. */
export function historyBetween(history: CheckInfo["history"], from: string, to: string): CheckInfo["history"] {
  const minor = (version: string): number => (version === "latest" ? Infinity : Number(version.replace("v1.", "")));
  const [first, last] = [minor(from), minor(to)].sort((a, b) => a - b) as [number, number];
  return history.filter((change) => !change.everywhere && first < minor(change.version) && minor(change.version) <= last);
}
