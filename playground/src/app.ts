// The types that the parts of the page share: its state, the engine that evaluates, and the interface between the parts.
// The engine's types are generated from those of the core.

import type * as core from "../engine/pkg/engine.js";

export type { CheckInfo, Finding, Mode, Options, Range, Target } from "../engine/pkg/engine.js";

type CheckInfo = core.CheckInfo;
type Options = core.Options;
type Range = core.Range;
type Target = core.Target;

export type DocumentReport = core.DocumentReport;

/** The report on all files. Its documents are in the order of the files; those that have not changed are the objects of the report
 * before. */
export interface Report extends Omit<core.FilesReport, "documents"> {
  documents: DocumentReport[];
  /** Whether it has fixes, unknown fields and the output of kubectl: not before the whole engine is loaded. */
  isComplete: boolean;
}

export interface Comparison extends Omit<core.Comparison, "documents"> {
  documents: (core.DocumentChange & { file: number })[];
}

/** Identifies a finding in a report. */
export interface FindingKey {
  file: number;
  index: number;
  item: number | null;
  check: string;
  path: string;
  value: string | null;
}

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
  /** Whether the rest of a template is judged, without the values of its actions. */
  maskTemplates: boolean;
  namespace: string;
  namespaceLabels: Record<string, string>;
  user: string;
  groups: string[];
  admission: "builtIn" | "kubewarden";
}

export interface ManifestFile {
  /** Unique in a state, without a path. */
  name: string;
  /** With its original line endings. */
  text: string;
}

/** The state of the page, except its layout, open dialogs and scroll positions. States are not changed, only replaced. */
export interface State {
  /** At least one. */
  readonly files: readonly ManifestFile[];
  /** The index of the file in the editor. */
  readonly active: number;
  readonly choices: Choices;
}

/** The core, in a Web Worker. Invalid input is reported in the result; a promise is rejected only if the core fails. */
export interface Engine {
  /** Evaluates all files. */
  evaluate(files: readonly ManifestFile[], options: Options): Promise<Report>;
  /** The texts with all fixes, or with those of some findings. */
  fix(files: readonly ManifestFile[], options: Options, selection?: readonly FindingKey[]): Promise<string[]>;
  policy(options: Options): Promise<string>;
  compare(files: readonly ManifestFile[], from: Target, to: Target): Promise<Comparison>;
  /** The report that `pss check` prints for the files in a format: `text`, `markdown`, `json` or `sarif`. */
  report(files: readonly ManifestFile[], options: Options, format: string): Promise<core.ReportResult>;
  /**
   * What can be written at a place of a document; null if the engine is not loaded yet, unless `waits`. Lines and columns (UTF-16) are
   * counted from 1.
   */
  complete(document: string, line: number, column: number, policy: Target, waits: boolean): Promise<core.CompletionReport | null>;
  /** The documentation of the field at a place of a document; null if the engine is not loaded yet, unless `waits`. */
  hover(document: string, line: number, column: number, policy: Target, waits: boolean): Promise<core.HoverReport | null>;
  checks(): Promise<CheckInfo[]>;
  versions(): Promise<string[]>;
  /** The ids of the checks that a message of Kubernetes mentions. */
  checksInMessage(message: string): Promise<string[]>;
  /** Calls `listener` when the same files have another report, because a further module has been loaded. */
  onUpdate(listener: () => void): void;
}

/** Values that are kept on the device for all sessions: sizes, open panels, filters. */
export interface Layout {
  /** The value of a key; undefined if there is none. It can be of an earlier version, so check its type. */
  get(key: string): unknown;
  /** Keeps a value that JSON can represent. */
  set(key: string, value: unknown): void;
}

/** The interface of the page for its parts. */
export interface App {
  readonly engine: Engine;
  /** The current state; the methods below replace it. */
  readonly state: State;
  /** The text of the file in the editor. */
  readonly text: string;
  /** The last report; null before the first. */
  readonly report: Report | null;
  readonly layout: Layout;
  /** The engine's options for the current choices. */
  options(): Options;
  /** Replaces the files, the active file or the choices in one undo step. Files with the same name keep their histories. */
  replace(state: Partial<State>): void;
  /** Replaces the text of the file in the editor, in one undo step. */
  setText(text: string): void;
  /** Opens files beside the others, and shows the first one. Their names are made unique. Returns the names. */
  addFiles(files: readonly ManifestFile[]): string[];
  /** Changes some of the choices. Changes by one text field, one after the other, are one undo step. */
  choose(choices: Partial<Choices>): void;
  /** Shows a file in the editor. */
  activate(file: number): void;
  /**
   * Shows a file, which is the current one by default, scrolls to a range of it, selects it and focuses the editor. `explain` opens
   * the explanation of the findings in its first line.
   */
  select(range: Range, file?: number, explain?: boolean): void;
  /** Undoes or redoes the last step of texts, names and choices; returns whether there was one. */
  undo(): boolean;
  redo(): boolean;
  /** Opens the catalogue at a check. */
  openCheck(id: string): void;
  /** Shows a message for some seconds, to screen readers too. */
  announce(message: string): void;
  /** Calls `listener` after each new report. */
  onReport(listener: (report: Report) => void): void;
  /** Calls `listener` after each change of the choices, the names of files or the active file, and if undo becomes possible. */
  onState(listener: (state: State) => void): void;
}
