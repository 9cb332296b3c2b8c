// The object that a message of Kubernetes is about, such as an error of kubectl, an event or a warning, among the documents of
// a report; and the findings that the message names.

import type { DocumentReport, Finding, ManifestFile } from "./app.ts";

export interface MessageTarget {
  document: DocumentReport;
  /** The findings of the message, in the order of the document; those of a container that the message names come first. */
  findings: Finding[];
}

/** What follows the name of a workload in the names of its pods, or in `generateName`. */
const SUFFIXES: Record<string, RegExp> = {
  // The hash of the template has no vowels.
  Deployment: /^[b-df-hj-np-tv-xz\d]{5,10}(-([a-z0-9]{5})?)?$/,
  ReplicaSet: /^([a-z0-9]{5})?$/,
  ReplicationController: /^([a-z0-9]{5})?$/,
  DaemonSet: /^([a-z0-9]{5})?$/,
  Job: /^([a-z0-9]{5})?$/,
  StatefulSet: /^\d+$/,
  CronJob: /^\d{8,10}(-([a-z0-9]{5})?)?$/,
};

// Weights: what a message says about the object counts more than what can be a coincidence.
const EXACT_NAME = 6;
const POD_OF_WORKLOAD = 5;
const CONTAINER = 2;
const FILE = 2;
const KIND = 1;
const CHECK = 1;

/** The target of a message that mentions the given checks; null if it is about none of the documents. */
export function targetOf(message: string, checks: readonly string[], documents: readonly DocumentReport[], files: readonly ManifestFile[]): MessageTarget | null {
  // Logs in JSON have escaped quotes.
  let text = message.replaceAll('\\"', '"').trim();
  /** Names of containers and volumes. */
  const parts = new Set<string>();
  text = text.replace(/\b(?:containers?|volumes?) ((?:"[^"]+"(?:, | and )?)+)/gi, (_, names: string) => {
    for (const [, name = ""] of names.matchAll(/"([^"]+)"/g)) parts.add(name);
    return " ";
  });
  /** The name of the object, if the message can only be about that. */
  const ownName = /"([^"\s]+)" (?:is (?:forbidden|invalid)|not found)/.exec(text)?.[1];
  const fileName = /\bwhen \w+ing "([^"]+)"/.exec(text)?.[1]?.replace(/^.*[/\\]/, "");
  const names = [...text.matchAll(/"([^"\s]+)"|(?:^|\s)[a-z][a-z.]*\/([a-z0-9][a-z0-9.-]*)/gi)].map(([, quoted, name]) => quoted ?? name ?? "");
  // A name alone, such as that of a pod in the output of `kubectl get pods`.
  const [first = ""] = text.split(/\s/, 1);
  if (/^[a-z0-9.-]+$/.test(first) && (first === text || first.includes("-"))) {
    names.push(first);
    if (first === text) parts.add(first);
  }

  let best: MessageTarget | null = null;
  let bestScore = 0;
  for (const document of documents) {
    const nameScore = Math.max(0, ...names.map((name) => scoreOfName(name, document)));
    const mentioned = document.findings.filter(({ check }) => checks.length === 0 || checks.includes(check));
    const ofParts = mentioned.filter(({ reason }) => [...parts].some((part) => reason.includes(`"${part}"`)));
    // Warnings name no object; then it needs a container that they name.
    if (nameScore === 0 && (ofParts.length === 0 || ownName !== undefined)) continue;
    const kind = new RegExp(`\\b${document.kind}s?\\b`, "i");
    const score =
      nameScore +
      (ofParts.length > 0 ? CONTAINER : 0) +
      (document.kind !== "" && kind.test(text) ? KIND : 0) +
      (fileName !== undefined && files[document.file]?.name === fileName ? FILE : 0) +
      new Set(mentioned.map(({ check }) => check)).size * (checks.length > 0 ? CHECK : 0) / 10;
    if (score <= bestScore) continue;
    bestScore = score;
    best = { document, findings: [...ofParts, ...mentioned.filter((own) => !ofParts.includes(own))] };
  }
  return best;
}

function scoreOfName(name: string, document: DocumentReport): number {
  if (document.name === "") return 0;
  if (name === document.name) return EXACT_NAME;
  if (!name.startsWith(`${document.name}-`) || !SUFFIXES[document.kind]?.test(name.slice(document.name.length + 1))) return 0;
  // A longer name is a better match.
  return POD_OF_WORKLOAD + document.name.length / 1000;
}
