// The validation of a state that is read from a link or from the storage, field by field.

import type { Choices, ManifestFile, ModePolicy } from "./app.ts";
import { defaultChoices, EXEMPTIONS, HARDENING_CHECKS, NAMESPACE_LABELS_VALUES } from "./choices.ts";
import { uniqueName } from "./names.ts";

/** The name of a file without another one. */
export const DEFAULT_FILE_NAME = "manifest.yaml";

type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === "string";

/** Files with unique names; null if there is none, or if one has no text. */
export function filesFrom(value: unknown): ManifestFile[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const files: ManifestFile[] = [];
  for (const file of value as unknown[]) {
    if (!isFields(file) || !isText(file["text"])) return null;
    const name = uniqueName(fileNameFrom(file["name"]), files.map((own) => own.name));
    files.push({ name, text: file["text"] });
  }
  return files;
}

/** The index of a file; 0 if it is invalid. */
export function indexFrom(value: unknown, files: readonly ManifestFile[]): number {
  return Number.isInteger(value) && files[value as number] ? (value as number) : 0;
}

/** Whether a name has no path, because downloads use it. */
export const isFileName = (name: string): boolean => /^[^/\\\p{Cc}]{1,255}$/u.test(name);

function fileNameFrom(value: unknown): string {
  return isText(value) && isFileName(value) ? value : DEFAULT_FILE_NAME;
}

export function choicesFrom(value: unknown): Choices {
  const defaults = defaultChoices();
  if (!isFields(value)) return defaults;
  const exemptions = isFields(value["exemptions"]) ? value["exemptions"] : {};
  return {
    modes: oneOf(value["modes"], ["alike", "each"], defaults.modes),
    enforce: policyFrom(value["enforce"], defaults.enforce),
    audit: policyFrom(value["audit"], defaults.audit),
    warn: policyFrom(value["warn"], defaults.warn),
    exemptions: {
      ...defaults.exemptions,
      ...Object.fromEntries(EXEMPTIONS.map((name) => [name, namesFrom(exemptions[name], [])])),
    },
    // Older links contain the flag `honorLabels` instead.
    labels: oneOf(value["labels"], NAMESPACE_LABELS_VALUES, value["honorLabels"] === true ? "honor" : defaults.labels),
    labelTypos: oneOf(value["labelTypos"], ["", "ignore", "warn"], defaults.labelTypos),
    enforceWorkloads: flagFrom(value["enforceWorkloads"], defaults.enforceWorkloads),
    allowExisting: flagFrom(value["allowExisting"], defaults.allowExisting),
    harden: namesFrom(value["harden"], []).filter((name) => HARDENING_CHECKS.includes(name)),
    more: isText(value["more"]) ? value["more"] : defaults.more,
    maskTemplates: flagFrom(value["maskTemplates"], defaults.maskTemplates),
    namespace: isText(value["namespace"]) ? value["namespace"] : defaults.namespace,
    namespaceLabels: labelsFrom(value["namespaceLabels"], defaults.namespaceLabels),
    user: isText(value["user"]) ? value["user"] : defaults.user,
    groups: namesFrom(value["groups"], defaults.groups),
    admission: oneOf(value["admission"], ["builtIn", "kubewarden"], defaults.admission),
  };
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((one) => one === value) ?? fallback;
}

function policyFrom(value: unknown, fallback: ModePolicy): ModePolicy {
  if (!isFields(value)) return fallback;
  const version = value["version"];
  return {
    level: oneOf(value["level"], ["privileged", "baseline", "restricted"], fallback.level),
    version: isText(version) && /^(latest|v1\.(0|[1-9]\d{0,2}))$/.test(version) ? version : fallback.version,
  };
}

function flagFrom(value: unknown, fallback: boolean): boolean {
  return typeof value === "boolean" ? value : fallback;
}

function namesFrom(value: unknown, fallback: string[]): string[] {
  return Array.isArray(value) ? value.filter(isText) : fallback;
}

function labelsFrom(value: unknown, fallback: Record<string, string>): Record<string, string> {
  if (!isFields(value)) return fallback;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1])));
}
