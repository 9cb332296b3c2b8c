// The types that the parts of the page share: its state, the engine that evaluates, and the interface between the parts.
// The engine's types are generated from those of the core.

import type { CheckInfo, Comparison, Mode, Options, Range, Report, Target } from "../core/pkg/core.js";

export type { CheckInfo, Comparison, Mode, Options, Range, Report, Target };

/** The policy of one mode. */
export interface ModePolicy {
  level: "privileged" | "baseline" | "restricted";
  /** `latest` or `v1.34` and so on. */
  version: string;
}

export type ExemptionName = "usernames" | "groups" | "serviceAccounts" | "namespaces" | "namespacePatterns" | "runtimeClasses";
export type NamespaceLabels = "ignore" | "honor" | "tighten" | "set";

/** The values of the controls. The engine gets them as `Options`, and a share link contains them. */
export interface Choices {
  /** One level and version for all three modes (`alike`), or one for each. */
  modes: "alike" | "each";
  enforce: ModePolicy;
  audit: ModePolicy;
  warn: ModePolicy;
  exemptions: Record<ExemptionName, string[]>;
  /** The setting `namespaceLabels`. */
  labels: NamespaceLabels;
  /** The setting `labelTypos`; empty for the default of the setting `namespaceLabels`. */
  labelTypos: "" | "ignore" | "warn";
  enforceWorkloads: boolean;
  /** Whether updates of workloads without new violations are accepted. */
  allowExisting: boolean;
  /** The checks whose missing fields are set: the setting `harden`. */
  harden: string[];
  /** Further settings, as YAML or JSON. */
  more: string;
  namespace: string;
  namespaceLabels: Record<string, string>;
  user: string;
  groups: string[];
  admission: "builtIn" | "kubewarden";
}

/** The state of the page, except open dialogs and scroll positions. */
export interface State {
  /** The manifests, with their original line endings. */
  text: string;
  /** The file name for the download. */
  fileName: string;
  choices: Choices;
}

/** The core, in a Web Worker. Invalid input is reported in the result; a promise is rejected only if the core fails. */
export interface Engine {
  evaluate(manifests: string, options: Options): Promise<Report>;
  fix(manifests: string, options: Options): Promise<string>;
  policy(options: Options): Promise<string>;
  compare(manifests: string, from: Target, to: Target): Promise<Comparison>;
  checks(): Promise<CheckInfo[]>;
  versions(): Promise<string[]>;
  /** The ids of the checks that a message of Kubernetes mentions. */
  checksInMessage(message: string): Promise<string[]>;
}

/** The interface of the page for its parts. */
export interface App {
  readonly engine: Engine;
  /** A copy; the methods below change the state. */
  readonly state: State;
  /** The last report; null before the first. */
  readonly report: Report | null;
  /** The engine's options for the current choices. */
  options(): Options;
  /** Replaces the whole text, in one undo step. */
  setText(text: string, fileName?: string): void;
  /** Changes some of the choices. */
  choose(choices: Partial<Choices>): void;
  /** Replaces the text and the choices, for a link or an example. */
  load(state: State): void;
  /** Scrolls to a range of the text, selects it and focuses the editor. */
  select(range: Range): void;
  /** Opens the catalogue at a check. */
  openCheck(id: string): void;
  /** Shows a message for some seconds, to screen readers too. */
  announce(message: string): void;
  /** Calls `listener` after each new report. */
  onReport(listener: (report: Report) => void): void;
  /** Calls `listener` after each change of the choices. */
  onState(listener: (state: State) => void): void;
}
