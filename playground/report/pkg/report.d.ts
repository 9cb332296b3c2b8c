/* tslint:disable */
/* eslint-disable */
/**
 * A check that differs in a comparison.
 */
export interface CheckChange {
    /**
     * The id of the check.
     */
    check: string;
    /**
     * The change.
     */
    kind: ChangeKind;
}

/**
 * A document at its place in a file.
 */
export interface PlacedDocument {
    /**
     * The id of its reports: equal documents can have the same.
     */
    id: number;
    /**
     * The index of its file.
     */
    file: number;
    /**
     * The index of the document in the file.
     */
    index: number;
    /**
     * Its start in the file.
     */
    start: Position;
    /**
     * The reports on the document, or on the items of a List. Their positions are those in a text that begins with the document,
     * and their `file` and `index` are 0. Null if the report before had a document with this id.
     */
    reports: DocumentReport[] | null;
}

/**
 * A document whose findings differ in a comparison.
 */
export interface DocumentChange {
    /**
     * The index of the document in the text.
     */
    index: number;
    /**
     * The index in the List; null if it is not an item of a List.
     */
    item: number | null;
    /**
     * Its `kind`.
     */
    kind: string;
    /**
     * Its `metadata.name`.
     */
    name: string;
    /**
     * The findings at the second level and version only.
     */
    appear: Finding[];
    /**
     * The findings at the first level and version only.
     */
    disappear: Finding[];
}

/**
 * A document, or an item of a List.
 */
export interface DocumentReport {
    /**
     * The index of its file; 0 for `evaluate`.
     */
    file: number;
    /**
     * The index of the document in the text.
     */
    index: number;
    /**
     * The index in the List; null if it is not an item of a List.
     */
    item: number | null;
    /**
     * `apiVersion`; empty if it is unknown.
     */
    apiVersion: string;
    /**
     * `kind`; empty if it is unknown.
     */
    kind: string;
    /**
     * `metadata.name`; empty if it is missing.
     */
    name: string;
    /**
     * The namespace that it is created in; empty for objects without a namespace.
     */
    namespace: string;
    /**
     * Its range in the text.
     */
    range: Range;
    /**
     * The outcome.
     */
    status: Status;
    /**
     * The kind of exemption if `status` is `exempt`: `namespace`, `user`, `group`, `runtimeClass` or `serviceAccount`.
     */
    exemption: string | null;
    /**
     * The verdicts of enforce, audit and warn, in this order; none unless `status` is `judged`.
     */
    verdicts: Verdict[];
    /**
     * The findings, in the order of their checks in Kubernetes' messages.
     */
    findings: Finding[];
    /**
     * The findings that rules of the settings exempt.
     */
    exempted: ExemptFinding[];
    /**
     * The fields that the policy sets when the object is created.
     */
    changes: Change[];
    /**
     * Errors, warnings and notes about the text itself.
     */
    diagnostics: Diagnostic[];
}

/**
 * A field that the policy sets.
 */
export interface Change {
    /**
     * The field in its object.
     */
    path: string;
    /**
     * Its new value.
     */
    value: string;
    /**
     * The range of its nearest parent that exists.
     */
    range: Range;
}

/**
 * A field with a forbidden value, or without a required one.
 */
export interface Finding {
    /**
     * The id of the check: `hostPorts`.
     */
    check: string;
    /**
     * The lowest level that requires the check.
     */
    level: LevelName;
    /**
     * The version of Kubernetes that introduced the check: `v1.8`.
     */
    since: string;
    /**
     * The modes whose policies it violates.
     */
    modes: Mode[];
    /**
     * The part of Kubernetes' message about the check, for all its findings together:
     * `hostPort (container "web" uses hostPort 80)`.
     */
    sentence: string;
    /**
     * The field in its object: `spec.template.spec.containers[0].securityContext.privileged`.
     */
    path: string;
    /**
     * Whether the field is not in the text, or has no value. A list without a required element is not missing, nor is a host port
     * that an API server copies from `containerPort`.
     */
    missing: boolean;
    /**
     * The forbidden value as text; null if a value is missing.
     */
    value: string | null;
    /**
     * The range of the forbidden value. For a missing field, the range of its key, or of the key of the nearest parent that exists,
     * or of the first entry of a parent without a key.
     */
    range: Range;
    /**
     * An explanation of the finding, with the names in this pod.
     */
    reason: string;
    /**
     * How to fix it.
     */
    advice: string;
    /**
     * The edits that fix it, if they are safe.
     */
    fix: Fix | null;
}

/**
 * A finding that a rule of the settings exempts.
 */
export interface ExemptFinding {
    /**
     * The id of the check.
     */
    check: string;
    /**
     * The field in its object.
     */
    path: string;
    /**
     * Its range, as `range` of a finding.
     */
    range: Range;
    /**
     * The reason that the rule gives.
     */
    reason: string;
}

/**
 * A level at a version.
 */
export interface Target {
    /**
     * `privileged`, `baseline` or `restricted`.
     */
    level: string;
    /**
     * `latest` or `v1.34` and so on.
     */
    version: string;
}

/**
 * A line of the output of kubectl.
 */
export interface TerminalLine {
    /**
     * The stream of the line.
     */
    stream: Stream;
    /**
     * The line, without a line break.
     */
    text: string;
}

/**
 * A message about the text.
 */
export interface Diagnostic {
    /**
     * Its severity.
     */
    severity: Severity;
    /**
     * The message.
     */
    message: string;
    /**
     * How to fix it, in a sentence; null if that is not known.
     */
    help: string | null;
    /**
     * Its range in the text.
     */
    range: Range;
    /**
     * The edits that fix it, if they are safe.
     */
    fix: Fix | null;
    /**
     * Whether the document is a template that cannot be read, but can be reviewed with the option `templates`.
     */
    template: boolean;
}

/**
 * A mode of Pod Security Admission.
 */
export type Mode = "enforce" | "audit" | "warn";

/**
 * A position in the text.
 */
export interface Position {
    /**
     * The line, from 1. Lines end with LF, CRLF or CR.
     */
    line: number;
    /**
     * The column in UTF-16 units, from 1.
     */
    column: number;
    /**
     * The offset in UTF-16 units, from 0; a CRLF counts as two.
     */
    offset: number;
}

/**
 * A range of the text.
 */
export interface Range {
    /**
     * The position of its start.
     */
    start: Position;
    /**
     * The position of its end, which is exclusive.
     */
    end: Position;
}

/**
 * An edit of the text.
 */
export interface TextEdit {
    /**
     * The range that is replaced; empty for an insertion.
     */
    range: Range;
    /**
     * The replacement.
     */
    text: string;
}

/**
 * An error in the options.
 */
export interface OptionError {
    /**
     * The path in the options: `settings.defaults.enforce`; empty for the options as a whole.
     */
    path: string;
    /**
     * The error, and how to fix it.
     */
    message: string;
    /**
     * The range of the error in the text of further settings; null if it is elsewhere.
     */
    range: Range | null;
}

/**
 * An output stream.
 */
export type Stream = "output" | "error";

/**
 * Edits of the text that fix a finding.
 */
export interface Fix {
    /**
     * A description of the edits: `Set allowPrivilegeEscalation: false`.
     */
    title: string;
    /**
     * The edits, in the order of the text. They do not overlap or touch, and their ranges are those in the text before all edits.
     */
    edits: TextEdit[];
}

/**
 * The change of a check.
 */
export type ChangeKind = "added" | "removed" | "changed";

/**
 * The comparison of two levels and versions.
 */
export interface Comparison {
    /**
     * The errors in the levels and versions. If there are any, nothing was compared.
     */
    errors: OptionError[];
    /**
     * The checks that only one of the two runs, or that have different revisions.
     */
    checks: CheckChange[];
    /**
     * The documents with findings at only one of the two.
     */
    documents: DocumentChange[];
}

/**
 * The effect of a verdict.
 */
export type Effect = "none" | "rejected" | "podsRejected" | "audited" | "warned" | "suppressed";

/**
 * The levels of the standards.
 */
export type LevelName = "privileged" | "baseline" | "restricted";

/**
 * The options of a review: the settings of the policy, and the parts of a request that manifests do not have.
 */
export interface Options {
    /**
     * The settings of the policy, as in a ClusterAdmissionPolicy.
     */
    settings: unknown;
    /**
     * Further settings as a text, YAML or JSON. They are merged into `settings`: lists are joined, and a level
     * replaces defaults, or defaults a level.
     */
    more?: string;
    /**
     * The namespace of manifests without a namespace. The default is `default`.
     */
    namespace?: string;
    /**
     * The labels of every namespace that the manifests do not create.
     */
    namespaceLabels?: Record<string, string>;
    /**
     * The user who applies the manifests. The default is a user who is not exempt.
     */
    user?: string;
    /**
     * The groups of the user.
     */
    groups?: string[];
    /**
     * The program that rejects, which changes the messages of kubectl: the API server itself (`builtIn`, the default), or
     * this policy on Kubewarden, which the API server calls as a webhook.
     */
    admission?: "builtIn" | "kubewarden";
    /**
     * How templates are treated: with `mask`, their actions are masked and the rest of them is reviewed. By default they are
     * invalid, and so they are in modules without the code for masks.
     */
    templates?: "mask";
}

/**
 * The outcome for a document.
 */
export type Status = "judged" | "exempt" | "noPod" | "invalid" | "empty";

/**
 * The report of `evaluateFiles`.
 */
export interface FilesReport {
    /**
     * The errors in the options. If there are any, nothing was evaluated.
     */
    errors: OptionError[];
    /**
     * Warnings about invalid namespace labels in the options.
     */
    warnings: OptionError[];
    /**
     * All documents, in the order of the files.
     */
    documents: PlacedDocument[];
    /**
     * The output of `kubectl apply` with all files.
     */
    terminal: TerminalLine[];
}

/**
 * The report of `evaluate`.
 */
export interface Report {
    /**
     * The errors in the options. If there are any, nothing was evaluated.
     */
    errors: OptionError[];
    /**
     * Warnings about invalid namespace labels in the options, which have the effect that they have in Kubernetes.
     */
    warnings: OptionError[];
    /**
     * The reports on all documents and all items of Lists, in the order of the text.
     */
    documents: DocumentReport[];
    /**
     * The output of `kubectl apply -f manifest.yaml`.
     */
    terminal: TerminalLine[];
}

/**
 * The result of `report`.
 */
export interface ReportResult {
    /**
     * The errors in the options. If there are any, there is no report.
     */
    errors: OptionError[];
    /**
     * The report; empty if there are errors.
     */
    text: string;
}

/**
 * The severity of a diagnostic.
 */
export type Severity = "error" | "warning" | "info";

/**
 * The verdict of one mode.
 */
export interface Verdict {
    /**
     * The mode.
     */
    mode: Mode;
    /**
     * The level and version of the mode: `restricted:v1.34`.
     */
    policy: string;
    /**
     * The level of the mode.
     */
    level: LevelName;
    /**
     * Whether the pod satisfies the policy.
     */
    satisfied: boolean;
    /**
     * The effect of the verdict.
     */
    effect: Effect;
    /**
     * Kubernetes' message if the pod does not satisfy the policy.
     */
    message: string | null;
}


/**
 * Returns the report on files in a format: `text`, `markdown`, `json` or `sarif`. The files are given by their names and, in the
 * same order, their texts.
 */
export function report(names: string[], texts: string[], options: Options, format: string): ReportResult;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly report: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => number;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
