//! Tables of masks, and reviews of templates. The invariants of masks are in `tests/templates.rs`.

use serde_json::json;

use super::{Templates, mask};
use crate::testing::{options, source};
use crate::{DiagnosticKind, Options, Report, Severity, Status, review};

/// Asserts the mask of a text.
#[track_caller]
fn assert_mask(text: &str, expected: &str) {
    assert_eq!(mask(text), expected, "\n{text}\n{expected}");
}

#[test]
fn masks_lines_with_actions_as_comments() {
    assert_mask("a: b\n", "a: b\n");
    assert_mask("{{- if .x }}\na: b\n{{- end }}\n", "#xxxxxxxxxxx\na: b\n#xxxxxxxxx\n");
    assert_mask("a:\n  {{ toYaml .x | nindent 2 }}\r\n", "a:\n  #xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
    assert_mask("  {{ .a }} {{ .b }} # c\n", "  #xxxxxxx xxxxxxxx # c\n");
    // Several lines are one action.
    assert_mask("{{- /*\n  it's\n\n\u{e9}: b\n*/ -}}\na: b", "#xxxxx\n  #xxx\n\n\u{85}#xx\n#xxxxx\na: b");
    // Strings and comments can contain the delimiter.
    assert_mask("{{ \"}}\" }}\n{{ `}}\n}}` }}\n{{/* }} */}}\n", "#xxxxxxxxx\n#xxxxx\n#xxxxx\n#xxxxxxxxxxx\n");
    assert_mask("{{ \"\\\"}}\" }}\n", "#xxxxxxxxxxx\n");
    // An action without an end, and what follows it.
    assert_mask("{{ a }}\n{{ `b }}\n{{ c }}\n", "#xxxxxx\n{{ `b }}\n{{ c }}\n");
}

#[test]
fn masks_actions_in_values_as_scalars() {
    assert_mask("a: {{ .x }}\n", "a: xxxxxxxx\n");
    assert_mask("a: \"{{ .x | quote }}:{{ .y }}\" # {{ .z }}\n", "a: \"xxxxxxxxxxxxxxxx:xxxxxxxx\" # xxxxxxxx\n");
    assert_mask("{{ .k }}: [{{ .x }}, b-{{ .y }}]\n", "xxxxxxxx: [xxxxxxxx, b-xxxxxxxx]\n");
    assert_mask("- {{ .x }}\n", "- xxxxxxxx\n");
    assert_mask("a: {{ .\u{e9}\u{4e2d}\u{1f600} }}\n", "a: xxxx\u{e9}\u{2026}\u{1f600}xxx\n");
    // A value that is indented or attached.
    assert_mask("a: {{- toYaml .x | nindent 4 }}\n  b: c\n", "a: #xxxxxxxxxxxxxxxxxxxxxxxxxxx\n  b: c\n");
    assert_mask("a:{{- .x | nindent 4 }}\nb:{{ .y }}\n", "a: #xxxxxxxxxxxxxxxxxxx\nb: xxxxxxx\n");
}

#[test]
fn masks_actions_in_block_scalars_as_content() {
    assert_mask(
        "a: |\n  {{- if .x }}\n  b\n{{- end }}\n    {{ .c }}\n  d {{ .e }}\nf: g\n",
        "a: |\n  xxxxxxxxxxxx\n  b\n  xxxxxxxx\n    xxxxxxxx\n  d xxxxxxxx\nf: g\n",
    );
    // The first line determines the indentation.
    assert_mask("- a: |-\n{{ .Files.Get \"b\" | indent 4 }}\n      c\n", "- a: |-\n      xxxxxxxxxxxxxxxxxxxxxxxxx\n      c\n");
    assert_mask("a: >\n{{ b }}\n", "a: >\n xxxxxx\n");
}

/// The report on a masked template at the restricted level.
fn report(text: &str) -> Report {
    let options = Options { templates: Some(Templates::MASKED), ..options(&json!({"settings": {"level": "restricted"}})) };
    review(&[source(text)], &options)
}

/// The paths of the findings, with the values and the titles of the fixes.
fn findings(report: &Report) -> Vec<String> {
    let findings = report.documents.iter().flat_map(|document| &document.findings);
    let title = |finding: &crate::Finding| finding.fix.as_ref().map_or_else(String::new, |fix| format!(" ({})", fix.title));
    findings.map(|finding| format!("{}={}{}", finding.path, finding.value.as_deref().unwrap_or("?"), title(finding))).collect()
}

const TEMPLATE: &str = "{{- if .Values.enabled }}
apiVersion: {{ include \"apiVersion\" . }}
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels:
    {{- include \"labels\" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    spec:
      hostNetwork: true
      hostPID: {{ .Values.hostPID }}
      securityContext:
        {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
        - name: {{ .Chart.Name }}
          image: \"{{ .Values.image }}\"
          securityContext:
            {{- toYaml .Values.securityContext | nindent 12 }}
        - name: proxy
          image: {{ .Values.proxy.image }}
          securityContext:
            privileged: true
            runAsUser: {{ .Values.user }}
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
        - name: \"{{ .Values.sidecar }}\"
          ports:
            - containerPort: {{ .Values.port }}
              hostPort: {{ .Values.port }}
          securityContext:
            allowPrivilegeEscalation: true
            capabilities: {drop: [\"{{ .Values.drop }}\"]}
{{- end }}
";

#[test]
fn reviews_what_does_not_depend_on_actions() {
    let report = report(TEMPLATE);
    let [document] = report.documents.as_slice() else { panic!("{report:#?}") };
    assert_eq!(
        (document.status, document.api_version.as_str(), document.kind.as_str(), document.name.as_str()),
        (Status::Judged, "{{ include \"apiVersion\" . }}", "Deployment", "{{ .Release.Name }}-web")
    );
    assert_eq!(
        findings(&report),
        [
            "spec.template.spec.hostNetwork=true",
            "spec.template.spec.containers[1].securityContext.privileged=true",
            "spec.template.spec.containers[1].securityContext.allowPrivilegeEscalation=?",
            "spec.template.spec.containers[2].securityContext.allowPrivilegeEscalation=true (Set allowPrivilegeEscalation: false)",
            "spec.template.spec.containers[1].securityContext.capabilities.drop=? (Drop all capabilities)",
        ]
    );
    // The message consists of these findings, with names as they are in the template.
    let message = document.verdicts[0].message.as_deref().unwrap();
    assert!(message.contains("(containers \"proxy\", \"{{ .Values.sidecar }}\" must set") && !message.contains("xxx"), "{message}");
    let [note] = document.diagnostics.as_slice() else { panic!("{:#?}", document.diagnostics) };
    assert_eq!(
        (note.kind, note.severity, note.span.slice(TEMPLATE)),
        (DiagnosticKind::Template, Severity::Info, "{{- if .Values.enabled }}")
    );
    assert!(note.message.starts_with("template actions in 22 lines are masked"), "{}", note.message);
    // kubectl reads the template.
    assert!(report.terminal[0].text.starts_with("error: error parsing manifest.yaml: "), "{:?}", report.terminal);
    // Without the option it is an error.
    let plain = review(&[source(TEMPLATE)], &options(&json!({"settings": {"level": "restricted"}})));
    assert_eq!((plain.documents[0].status, &plain.terminal), (Status::Invalid, &report.terminal));
}

#[test]
fn fixes_keep_the_actions_of_templates() {
    let options = Options { templates: Some(Templates::MASKED), ..options(&json!({"settings": {"level": "restricted"}})) };
    let fixed = crate::fix(source(TEMPLATE), &options);
    let expected = TEMPLATE
        .replace("allowPrivilegeEscalation: true", "allowPrivilegeEscalation: false")
        .replace("{{ .Values.user }}\n", "{{ .Values.user }}\n            capabilities:\n              drop: [\"ALL\"]\n");
    assert_eq!(fixed, expected, "{fixed}");
}

#[test]
fn satisfied_verdicts_depend_on_facts_only() {
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n{spec}");
    let container = "  containers:\n  - name: a\n";
    let secure = "    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}\n";
    let table: [(String, &[&str]); 8] = [
        // Everything may be rendered by an action.
        (format!("  {{{{- include \"pod\" . | nindent 2 }}}}\n{container}{secure}"), &[]),
        (format!("{container}    {{{{- include \"context\" . | nindent 4 }}}}\n"), &[]),
        (format!("{container}{secure}\n{{{{ include \"context\" . | indent 2 }}}}\n"), &[]),
        (format!("  securityContext: {{{{ toYaml .x | nindent 4 }}}}\n{container}{secure}"), &[]),
        (format!("  securityContext: {{{{ .x }}}}\n{container}{secure}"), &[]),
        // Actions without output, and values of other fields, add nothing.
        (
            format!("  nodeSelector:\n    {{{{ toYaml .x | nindent 4 }}}}\n  {{{{- if .x }}}}\n{container}{secure}  {{{{- end }}}}\n"),
            &["spec.containers[0].securityContext.runAsNonRoot", "spec.containers[0].securityContext.seccompProfile.type"],
        ),
        // That a volume exists is a fact.
        (
            format!("  {{{{ .x }}}}\n  volumes: [{{name: v, hostPath: {{path: \"{{{{ .p }}}}\"}}}}]\n{container}{secure}"),
            &["spec.volumes[0].hostPath"],
        ),
        (format!("  hostNetwork: {{{{ .x }}}}\n  hostPID: \"{{{{ .x }}}}\"\n  {{{{ .y }}}}\n{container}{secure}"), &[]),
    ];
    for (spec, expected) in table {
        let report = report(&pod(&spec));
        let document = &report.documents[0];
        let paths: Vec<&str> = document.findings.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(paths, expected, "{spec}");
        assert_eq!(document.status, Status::Judged, "{spec} {:?}", document.diagnostics);
        assert!(document.verdicts.iter().all(|verdict| verdict.is_satisfied == expected.is_empty()), "{spec} {document:#?}");
        assert!(document.verdicts.iter().all(|verdict| verdict.message.is_none() == expected.is_empty()), "{spec}");
    }
}

#[test]
fn reports_templates_that_cannot_be_read() {
    let report = report("a: b\n---\nkind: {{ .x }}\n  b: c\n---\n{{ define \"x\" }}{{ end }}\n---\nkind: {{ .x }}\napiVersion: v1\n");
    let statuses: Vec<Status> = report.documents.iter().map(|document| document.status).collect();
    assert_eq!(statuses, [Status::Invalid, Status::Invalid, Status::Empty, Status::NoPod], "{report:#?}");
    let kinds: Vec<_> = report.documents[1].diagnostics.iter().map(|diagnostic| (diagnostic.kind, diagnostic.span.start.line)).collect();
    assert_eq!(kinds, [(DiagnosticKind::Template, 3), (DiagnosticKind::Syntax, 4)]);
}
