// What the controls hold, and the options for the core that they stand for.

import type { Choices, ExemptionName, LabelsMeaning, ModePolicy, Options } from "./app.ts";

export const LEVELS = ["privileged", "baseline", "restricted"] as const;
export const MODES = ["enforce", "warn", "audit"] as const;

export const EXEMPTIONS: readonly ExemptionName[] = ["usernames", "groups", "serviceAccounts", "namespaces", "namespacePatterns", "runtimeClasses"];
export const LABELS_MEANINGS: readonly LabelsMeaning[] = ["ignore", "honor", "tighten", "set"];
/** The checks that can be satisfied by filling in a field. */
export const HARDENED = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

/** Whether labels with a typo are warned of, unless it is chosen. */
export const warnsOfTypos = (labels: LabelsMeaning): boolean => labels === "tighten" || labels === "set";

/** What the page begins with: all three modes restricted, at the latest version. */
export function defaultChoices(): Choices {
  const restricted = (): ModePolicy => ({ level: "restricted", version: "latest" });
  return {
    modes: "alike",
    enforce: restricted(),
    audit: restricted(),
    warn: restricted(),
    exemptions: { usernames: [], groups: [], serviceAccounts: [], namespaces: [], namespacePatterns: [], runtimeClasses: [] },
    labels: "ignore",
    labelTypos: "",
    enforceWorkloads: false,
    allowExisting: false,
    harden: [],
    more: "",
    namespace: "default",
    namespaceLabels: {},
    user: "",
    groups: [],
    admission: "builtIn",
  };
}

/** The policy's settings object, in the form in which one would write it by hand. */
export function settingsFor(choices: Choices): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  if (choices.modes === "alike") {
    settings.level = choices.enforce.level;
    settings.version = choices.enforce.version;
  } else {
    settings.defaults = {
      enforce: choices.enforce.level,
      "enforce-version": choices.enforce.version,
      audit: choices.audit.level,
      "audit-version": choices.audit.version,
      warn: choices.warn.level,
      "warn-version": choices.warn.version,
    };
  }
  const exemptions = Object.entries(choices.exemptions).filter(([, names]) => names.length > 0);
  if (exemptions.length) settings.exemptions = Object.fromEntries(exemptions);
  if (choices.labels !== "ignore") settings.namespaceLabels = choices.labels;
  if (choices.labelTypos) settings.labelTypos = choices.labelTypos;
  if (choices.enforceWorkloads) settings.workloads = "enforce";
  if (choices.allowExisting) settings.updates = "allow-existing";
  if (choices.harden.length) settings.harden = choices.harden;
  return settings;
}

/** What the core is called with. */
export function optionsFor(choices: Choices): Options {
  return {
    settings: settingsFor(choices),
    ...(choices.more.trim() ? { more: choices.more } : {}),
    ...(choices.namespace ? { namespace: choices.namespace } : {}),
    namespaceLabels: { ...choices.namespaceLabels },
    ...(choices.user ? { user: choices.user } : {}),
    ...(choices.groups.length ? { groups: choices.groups } : {}),
    admission: choices.admission,
  };
}
