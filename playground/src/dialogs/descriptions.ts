// Descriptions that several dialogs use: the name of a document and the history of a check.

import type { CheckInfo } from "../app.ts";
import { h } from "../ui.ts";

/** The name of a document, such as `Deployment "web"`. */
export function documentName(document: { index: number; item: number | null; kind: string; name: string }): string {
  const place = document.item === null ? "" : `, item ${document.item + 1}`;
  if (document.kind === "") return `Document ${document.index + 1}${place}`;
  return document.name === "" ? `${document.kind} (document ${document.index + 1}${place})` : `${document.kind} "${document.name}"`;
}

/** The list of the changes of a check. */
export function historyList(history: CheckInfo["history"]): HTMLElement {
  return h(
    "dl",
    { class: "history" },
    history.map(({ version, change }) => [h("dt", null, version), h("dd", null, change)]),
  );
}

/** The changes of a check between two versions, including the later one, in any order of the versions. */
export function historyBetween(history: CheckInfo["history"], from: string, to: string): CheckInfo["history"] {
  const minor = (version: string): number => (version === "latest" ? Infinity : Number(version.replace("v1.", "")));
  const [first, last] = [minor(from), minor(to)].sort((a, b) => a - b) as [number, number];
  return history.filter((change) => !change.everywhere && first < minor(change.version) && minor(change.version) <= last);
}
