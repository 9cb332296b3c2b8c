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
  const words = ["check"];
  const option = (name: string, value: unknown, omitted: string): void => {
    if (value !== omitted) words.push(`--${name}=${value}`);
  };
  option("format", format, "text");
  const labels = choices.labels === "ignore" ? [] : Object.entries(choices.namespaceLabels);
  let settings: ManifestFile | null = null;
  // What neither arguments nor a file of settings have: further settings as text, a user whom an exemption can match, and labels
  // that an argument would split.
  const { usernames, groups, serviceAccounts } = choices.exemptions;
  if (
    choices.more.trim() ||
    ((choices.user || choices.groups.length) && [usernames, groups, serviceAccounts].flat().length) ||
    labels.some(([key, value]) => /[,\s]/.test(key + value) || key.includes("="))
  ) {
    option("settings", link, "");
  } else {
    const own = settingsFor(choices.modes === "each" && isUniform(choices) ? { ...choices, modes: "alike" } : choices);
    const { level, version, namespaceLabels = "ignore", ...others } = own;
    // Without settings, pss reads the labels of namespaces. The key of such a label is in the text, or has an escape.
    const reads = namespaceLabels === "honor" || (namespaceLabels === "ignore" && !files.some(({ text }) => /pod-security|\\[uUx\r\n]/.test(text)));
    if (reads && Object.keys(others).length === 0) {
      option("level", level, "restricted");
      option("version", version, "latest");
    } else {
      // The values are JSON, which YAML contains.
      const text = Object.entries(own).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join("");
      settings = { name: uniqueName("settings.yaml", names), text };
      option("settings", settings.name, "");
    }
    option("namespace", choices.namespace || "default", "default");
    option("namespace-labels", labels.map((label) => label.join("=")).join(","), "");
  }
  // A name that begins with a dash would be an option, or standard input.
  return { arguments: [...words, ...names.map((name) => name.replace(/^-/, "./-"))], settings };
}

const isUniform = ({ enforce, audit, warn }: Choices): boolean =>
  [audit, warn].every(({ level, version }) => level === enforce.level && version === enforce.version);

/** The command as text for a POSIX shell. Some characters have a meaning to a shell anywhere in a word, and an equals sign at its
 * start. */
export const shellText = (words: readonly string[]): string =>
  ["pss", ...words].map((word) => (/^[\w@%+:,./-][\w@%+:,./=-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
