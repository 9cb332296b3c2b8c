// The choices: their defaults, and the settings and the options of the core that they result in.

import type { Choices, ExemptionName, NamespaceLabels, ModePolicy, Options } from "./app.ts";

export const LEVELS = ["privileged", "baseline", "restricted"] as const;
export const MODES = ["enforce", "warn", "audit"] as const;

export const EXEMPTIONS: readonly ExemptionName[] = ["usernames", "groups", "serviceAccounts", "namespaces", "namespacePatterns", "runtimeClasses"];
export const NAMESPACE_LABELS_VALUES: readonly NamespaceLabels[] = ["ignore", "honor", "tighten", "set"];
/** The checks that the setting `harden` accepts. */
export const HARDENING_CHECKS = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

/** Whether labels without effect cause a warning by default. */
export const warnsAboutTypos = (labels: NamespaceLabels): boolean => labels === "tighten" || labels === "set";

/** The initial choices: all three modes at the level restricted and the latest version. */
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
    maskTemplates: false,
    namespace: "default",
    namespaceLabels: {},
    user: "",
    groups: [],
    admission: "builtIn",
  };
}

/** The settings object of the policy, in its shortest form. */
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

/** The options of the core. */
export function optionsFor(choices: Choices): Options {
  return {
    settings: settingsFor(choices),
    ...(choices.more.trim() ? { more: choices.more } : {}),
    ...(choices.maskTemplates ? { templates: "mask" } : {}),
    ...(choices.namespace ? { namespace: choices.namespace } : {}),
    namespaceLabels: { ...choices.namespaceLabels },
    ...(choices.user ? { user: choices.user } : {}),
    ...(choices.groups.length ? { groups: choices.groups } : {}),
    today: new Date().toISOString().slice(0, 10),
    admission: choices.admission,
  };
}
