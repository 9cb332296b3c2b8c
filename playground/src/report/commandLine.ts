// The command line of `pss check` for the settings of the page, in its shortest form.

import type { Choices, ManifestFile } from "../app.ts";
import { settingsFor } from "../choices.ts";
import { uniqueName } from "../names.ts";

export interface CommandLine {
  /** The arguments after `pss`, without quotes. */
  arguments: string[];
  /** The file of settings that the arguments name; null if there is none. */
  settings: ManifestFile | null;
}

/** The arguments that judge the files as the page does. `link` is a share link with the choices, for what has no argument. */
export function commandLine(choices: Choices, files: readonly ManifestFile[], format: string, link: string): CommandLine {
  const names = files.map(({ name }) => name);
  const own = ["check", ...(format === "text" ? [] : ["--format", format])];
  let settings: ManifestFile | null = null;
  if (needsLink(choices)) {
    own.push(...option("--settings", link));
  } else {
    if (hasArguments(choices, files)) {
      const { level, version } = choices.enforce;
      if (level !== "restricted") own.push("--level", level);
      if (version !== "latest") own.push("--version", version);
    } else {
      settings = { name: uniqueName("settings.yaml", names), text: settingsText(choices) };
      own.push("--settings", settings.name);
    }
    if (choices.namespace && choices.namespace !== "default") own.push(...option("--namespace", choices.namespace));
    const labels = Object.entries(choices.namespaceLabels);
    if (choices.labels !== "ignore" && labels.length > 0) {
      own.push(...option("--namespace-labels", labels.map(([key, value]) => `${key}=${value}`).join(",")));
    }
  }
  // A name that begins with a dash would be an option, or standard input.
  return { arguments: [...own, ...names.map((name) => (name.startsWith("-") ? `./${name}` : name))], settings };
}

/** The command as text for a POSIX shell. */
export function shellText(command: readonly string[]): string {
  return ["pss", ...command].map(quoted).join(" ");
}

/** Some characters have a meaning to a shell anywhere in a word, and an equals sign at its start. */
function quoted(argument: string): string {
  return /^[\w@%+:,./-][\w@%+:,./=-]*$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function option(name: string, value: string): string[] {
  return value.startsWith("-") ? [`${name}=${value}`] : [name, value];
}

/** Whether the choices have a part that neither arguments nor a file of settings have: further settings as text, a user whom an
 * exemption can match, or labels that an argument would split. */
function needsLink({ more, user, groups, exemptions, labels, namespaceLabels }: Choices): boolean {
  const { usernames, groups: exemptGroups, serviceAccounts } = exemptions;
  const hasUser = (user !== "" || groups.length > 0) && usernames.length + exemptGroups.length + serviceAccounts.length > 0;
  const isSplit = ([key, value]: [string, string]): boolean => /^\s|[,=]|\s$/.test(key) || /^\s|,|\s$/.test(value);
  return more.trim() !== "" || hasUser || (labels !== "ignore" && Object.entries(namespaceLabels).some(isSplit));
}

/** Whether a level and a version have the effect of the settings. Without settings, pss reads the labels of namespaces. */
function hasArguments(choices: Choices, files: readonly ManifestFile[]): boolean {
  const { modes, enforce, audit, warn, exemptions, labels, labelTypos, enforceWorkloads, allowExisting, harden } = choices;
  const isUniform = modes === "alike" || [audit, warn].every(({ level, version }) => level === enforce.level && version === enforce.version);
  // The key of such a label, or an escape that can be a part of it.
  const hasLabels = files.some(({ text }) => /pod-security|\\[uUx\r\n]/.test(text));
  return (
    isUniform &&
    (labels === "honor" || (labels === "ignore" && !hasLabels)) &&
    Object.values(exemptions).every((names) => names.length === 0) &&
    !labelTypos && !enforceWorkloads && !allowExisting && harden.length === 0
  );
}

/** The settings as YAML, whose values are JSON. */
function settingsText(choices: Choices): string {
  return Object.entries(settingsFor(choices)).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join("");
}
