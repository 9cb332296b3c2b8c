// The filter of the findings and their groups.

import type { DocumentReport, Mode } from "./app.ts";
import { containerOf, documentName, type Item } from "./items.ts";

export const GROUPINGS = ["object", "check", "container", "file"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Filter {
  level: "" | "baseline" | "restricted";
  mode: "" | Mode;
  /** The id of a check. */
  check: string;
  /** Whether there is a fix, or only the author can decide. */
  fix: "" | "fix" | "decision";
  text: string;
}

export const NO_FILTER: Filter = { level: "", mode: "", check: "", fix: "", text: "" };

export const isActive = (filter: Filter): boolean => Object.values(filter).some((value) => value !== "");

/** Returns whether an item passes. A diagnostic has no level, mode or check. */
export function matcher({ level, mode, check, fix, text }: Filter): (item: Item) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ finding, fix: own, title, document }) => {
    if (level && finding?.level !== level) return false;
    if (mode && !finding?.modes.includes(mode)) return false;
    if (check && finding?.check !== check) return false;
    if (fix && (own !== null) !== (fix === "fix")) return false;
    if (!words.length) return true;
    const all = `${title} ${finding ? `${finding.check} ${finding.path} ${finding.value ?? ""} ${finding.advice}` : ""} ${documentName(document)} ${document.namespace}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
}

/** A group of items that is not one document. */
export interface Group {
  key: string;
  title: string;
  items: Item[];
}

/** The groups of items: those of a check by their number, others in the order of the text. */
export function groupsOf(items: readonly Item[], by: Exclude<Grouping, "object">, fileName: (document: DocumentReport) => string): Group[] {
  const groups = new Map<string, Group>();
  const keys = new Map<DocumentReport, number>();
  for (const item of items) {
    let title: string;
    let key: string;
    if (by === "check") key = title = item.finding?.check ?? "The text itself";
    else if (by === "file") key = title = fileName(item.document);
    else {
      const number = keys.get(item.document) ?? keys.size;
      keys.set(item.document, number);
      const container = item.finding ? containerOf(item) || "pod" : "the text itself";
      key = `${number} ${container}`;
      title = `${documentName(item.document)}: ${container}`;
    }
    const group = groups.get(key) ?? { key, title, items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  const list = [...groups.values()];
  return by === "check" ? list.sort((a, b) => b.items.length - a.items.length) : list;
}

/** The number of findings of each check, the most frequent first. */
export function countsPerCheck(items: readonly Item[]): [check: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { finding } of items) if (finding) counts.set(finding.check, (counts.get(finding.check) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
