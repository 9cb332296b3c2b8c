// What the parts of the page share: its state, the engine that judges, and how the parts speak to
// each other. The types of the engine are generated from the core's, never written here.

import type { CheckInfo, Comparison, Mode, Options, Range, Report, Target } from "../core/pkg/core.js";

export type { CheckInfo, Comparison, Mode, Options, Range, Report, Target };

/** A mode as the controls show it. */
export interface ModePolicy {
  level: "privileged" | "baseline" | "restricted";
  /** `latest` or `v1.34` and so on. */
  version: string;
}

export type ExemptionName = "usernames" | "groups" | "serviceAccounts" | "namespaces" | "namespacePatterns" | "runtimeClasses";
export type LabelsMeaning = "ignore" | "honor" | "tighten" | "set";

/** What the controls hold. It becomes `Options` for the engine, and part of a share link. */
export interface Choices {
  /** One level and version for all three modes, or one for each. */
  modes: "alike" | "each";
  enforce: ModePolicy;
  audit: ModePolicy;
  warn: ModePolicy;
  exemptions: Record<ExemptionName, string[]>;
  /** What the labels of namespaces mean. */
  labels: LabelsMeaning;
  /** Whether labels with a typo are warned of; empty for what goes with the meaning of labels. */
  labelTypos: "" | "ignore" | "warn";
  enforceWorkloads: boolean;
  /** Whether updates of workloads are accepted that bring nothing new. */
  allowExisting: boolean;
  /** The checks for which missing fields are filled in. */
  harden: string[];
  /** Further settings, as text. */
  more: string;
  namespace: string;
  namespaceLabels: Record<string, string>;
  user: string;
  groups: string[];
  admission: "builtIn" | "kubewarden";
}

/** All that makes up what the page shows, but for what is open and where it is scrolled to. */
export interface State {
  /** The manifests, with their own line ends. */
  text: string;
  /** The name to download them by. */
  fileName: string;
  choices: Choices;
}

/** The core, in a Web Worker. Every call answers; none throws for bad input. */
export interface Engine {
  evaluate(manifests: string, options: Options): Promise<Report>;
  fix(manifests: string, options: Options): Promise<string>;
  policy(options: Options): Promise<string>;
  compare(manifests: string, from: Target, to: Target): Promise<Comparison>;
  checks(): Promise<CheckInfo[]>;
  versions(): Promise<string[]>;
  /** The ids of the checks that a message of Kubernetes names. */
  named(message: string): Promise<string[]>;
}

/** The page, as its parts see it. */
export interface App {
  readonly engine: Engine;
  /** A copy; change it by the setters. */
  readonly state: State;
  /** The last report, and the text it was made for; null before the first. */
  readonly report: Report | null;
  /** The options for the engine that the choices stand for. */
  options(): Options;
  /** Replaces the whole text, as one step that can be undone. */
  setText(text: string, fileName?: string): void;
  /** Changes some of the choices. */
  choose(choices: Partial<Choices>): void;
  /** Replaces text and choices, as a link or an example does. */
  load(state: State): void;
  /** Scrolls to a stretch of the text, selects it and moves the focus there. */
  select(range: Range): void;
  /** Opens the catalogue at a check. */
  openCheck(id: string): void;
  /** Says something to the user, readers of a screen included, that goes away by itself. */
  announce(message: string): void;
  /** Calls back after each new report. */
  onReport(listener: (report: Report) => void): void;
  /** Calls back after each change of the state. */
  onState(listener: (state: State) => void): void;
}
