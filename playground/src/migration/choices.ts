// Settings of the policy as choices of the page.

import type { Choices, ModePolicy } from "../app.ts";
import { defaultChoices, EXEMPTIONS, MODES } from "../choices.ts";

/** The choices that settings consist of. The others describe the request. */
export type SettingsChoices = Omit<Choices, "namespace" | "namespaceLabels" | "user" | "groups" | "admission">;

/** The choices of settings among all. */
export function settingsChoicesOf(choices: Choices): SettingsChoices {
  const { namespace: _1, namespaceLabels: _2, user: _3, groups: _4, admission: _5, ...settings } = choices;
  return settings;
}

/** The choices for settings, which are valid. Settings without a control become text. */
export function choicesFor(settings: Record<string, unknown>): SettingsChoices {
  const { level, version, defaults = {}, exemptions = {}, namespaceLabels, ...more } = settings as {
    level?: ModePolicy["level"];
    version?: string;
    defaults?: Record<string, string>;
    exemptions?: Record<string, string[]>;
    namespaceLabels?: Choices["labels"];
  };
  // The defaults of a PodSecurityConfiguration.
  const policyOf = (mode: string): ModePolicy => ({
    level: level ?? (defaults[mode] as ModePolicy["level"] | undefined) ?? "privileged",
    version: version ?? defaults[`${mode}-version`] ?? "latest",
  });
  const policies = { enforce: policyOf("enforce"), audit: policyOf("audit"), warn: policyOf("warn") };
  const isAlike = MODES.every((mode) => JSON.stringify(policies[mode]) === JSON.stringify(policies.enforce));
  const names = { ...defaultChoices().exemptions };
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(exemptions)) {
    const own = EXEMPTIONS.find((exemption) => exemption === name);
    if (own) names[own] = value;
    else others[name] = value;
  }
  const further = { ...more, ...(Object.keys(others).length ? { exemptions: others } : {}) };
  return {
    ...settingsChoicesOf(defaultChoices()),
    ...policies,
    modes: isAlike ? "alike" : "each",
    exemptions: names,
    labels: namespaceLabels ?? "ignore",
    more: Object.keys(further).length ? JSON.stringify(further, null, 2) : "",
  };
}
