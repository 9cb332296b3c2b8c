// What the controls hold, and the options for the core that they stand for.

import type { Choices, ModePolicy, Options } from "./app.ts";

export const LEVELS = ["privileged", "baseline", "restricted"] as const;
export const MODES = ["enforce", "warn", "audit"] as const;

/** What the page begins with: all three modes restricted, at the latest version. */
export function defaultChoices(): Choices {
  const restricted = (): ModePolicy => ({ level: "restricted", version: "latest" });
  return {
    modes: "alike",
    enforce: restricted(),
    audit: restricted(),
    warn: restricted(),
    exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
    honorLabels: false,
    enforceWorkloads: false,
    namespace: "default",
    namespaceLabels: {},
    user: "",
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
  if (choices.honorLabels) settings.namespaceLabels = "honor";
  if (choices.enforceWorkloads) settings.workloads = "enforce";
  return settings;
}

/** What the core is called with. */
export function optionsFor(choices: Choices): Options {
  return {
    settings: settingsFor(choices),
    ...(choices.namespace ? { namespace: choices.namespace } : {}),
    namespaceLabels: { ...choices.namespaceLabels },
    ...(choices.user ? { user: choices.user } : {}),
    admission: choices.admission,
  };
}
