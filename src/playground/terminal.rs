//! What `kubectl apply -f manifest.yaml` prints: the objects one by one, then the errors.
//!
//! Source: `pkg/cmd/apply/apply.go` and `pkg/cmd/util/helpers.go` of kubectl, and
//! `admission/plugin/webhook/errors/statuserror.go` of the API server for what a webhook rejects.

use super::kinds::group_of;
use super::options::Admission;
use super::report::{DocumentReport, Stream, TerminalLine};
use crate::admission::Decision;
use crate::manifest::{Kind, Node};
use crate::quote::quoted;

/// The file that is applied.
const FILE: &str = "\"manifest.yaml\"";
/// What the API server puts before a rejection by this policy, installed as the README has it.
const WEBHOOK: &str = "admission webhook \"clusterwide-pod-security-standards.kubewarden.admission\" denied the request: ";

/// What kubectl prints, while it does.
pub(super) struct Terminal {
    admission: Admission,
    lines: Vec<TerminalLine>,
    errors: Vec<Failure>,
    /// kubectl reads no further than to the first document that cannot be read.
    stopped: bool,
}

/// An error that kubectl prints at its end.
struct Failure {
    /// As it is printed among others.
    message: String,
    /// As it is printed alone.
    alone: String,
}

impl Terminal {
    pub(super) fn of(admission: Admission) -> Self {
        Terminal { admission, lines: Vec::new(), errors: Vec::new(), stopped: false }
    }

    /// The lines in the order in which they appear.
    pub(super) fn lines(mut self) -> Vec<TerminalLine> {
        let text = match self.errors.as_slice() {
            [] if self.lines.is_empty() => "error: no objects passed to apply".to_owned(),
            [] => return self.lines,
            [error] => error.alone.clone(),
            errors => errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("\n"),
        };
        self.lines.extend(text.lines().map(|line| TerminalLine { stream: Stream::Error, text: line.to_owned() }));
        self.lines
    }

    fn fail(&mut self, message: String) {
        if !self.stopped {
            self.errors.push(Failure { alone: format!("error: {message}"), message });
        }
    }

    /// An error that the API server answers with.
    fn fail_from_server(&mut self, reason: &str, message: &str) {
        if !self.stopped {
            let message = format!("Error from server{reason}: error when creating {FILE}: {message}");
            self.errors.push(Failure { alone: message.clone(), message });
        }
    }

    /// A document that is neither YAML nor JSON; with the line in it.
    pub(super) fn unreadable(&mut self, message: &str, line: usize) {
        self.fail(format!("error parsing manifest.yaml: error converting YAML to JSON: yaml: line {line}: {message}"));
        self.stopped = true;
    }

    /// A document that is no object.
    pub(super) fn no_object(&mut self, node: Node<'_>) {
        let found = match node.kind() {
            Kind::Sequence => "array",
            Kind::Bool(_) => "bool",
            Kind::Number(_) => "number",
            _ => "string",
        };
        self.fail(format!(
            "unable to decode {FILE}: couldn't get version/kind; json parse error: json: cannot unmarshal {found} into Go value of type \
             struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
        ));
        self.stopped = true;
    }

    /// An object without `kind` or `apiVersion`.
    pub(super) fn unidentified(&mut self, field: &str) {
        let field = if field == "kind" { "Kind" } else { field };
        self.fail(format!("unable to decode {FILE}: Object '{field}' is missing in '{{...}}'"));
        self.stopped = true;
    }

    /// An object of a kind that the cluster does not have.
    pub(super) fn no_match(&mut self, report: &DocumentReport) {
        self.fail(format!(
            "resource mapping not found for name: {} namespace: {} from {FILE}: no matches for kind {} in version {}\nensure CRDs are \
             installed first",
            quoted(&report.name),
            quoted(&report.namespace),
            quoted(&report.kind),
            quoted(&report.api_version),
        ));
    }

    /// An object with a value of the wrong type.
    pub(super) fn bad_request(&mut self, report: &DocumentReport) {
        let problem = report.diagnostics.first().map_or("", |diagnostic| &diagnostic.message);
        let version = report.api_version.rsplit('/').next().unwrap_or_default();
        let message = format!("{} in version {} cannot be handled as a {0}: {problem}", report.kind, quoted(version));
        self.fail_from_server(" (BadRequest)", &message);
    }

    /// The API server's answer to the request that creates an object.
    pub(super) fn answered(&mut self, report: &DocumentReport, node: Node<'_>, decision: &Decision) {
        if self.stopped {
            return;
        }
        if report.name.is_empty() {
            return self.nameless(report, node);
        }
        for warning in &decision.warnings {
            let text = format!("Warning: {warning}");
            // kubectl repeats no warning.
            if !self.lines.iter().any(|line| line.text == text) {
                self.lines.push(TerminalLine { stream: Stream::Error, text });
            }
        }
        match &decision.rejection {
            Some(rejection) if self.admission == Admission::Kubewarden || report.kind != "Pod" && report.kind != "Namespace" => {
                self.fail_from_server("", &format!("{WEBHOOK}{}", rejection.message));
            }
            Some(rejection) if rejection.code == 422 => {
                self.fail_from_server(" (Invalid)", &rejection.message);
                // Alone, an error of this kind is told in other words.
                if let Some(error) = self.errors.last_mut() {
                    error.alone = format!("The {}", rejection.message);
                }
            }
            Some(rejection) => self.fail_from_server(" (Forbidden)", &rejection.message),
            None => {
                let group = group_of(&report.api_version);
                let dot = if group.is_empty() { "" } else { "." };
                let text = format!("{}{dot}{group}/{} created", report.kind.to_ascii_lowercase(), report.name);
                self.lines.push(TerminalLine { stream: Stream::Output, text });
            }
        }
    }

    fn nameless(&mut self, report: &DocumentReport, node: Node<'_>) {
        let prefix = node.at("metadata.generateName").node.text().filter(|prefix| !prefix.is_empty());
        if let Some(prefix) = prefix {
            return self.fail(format!("from {prefix}: cannot use generate name with apply"));
        }
        self.fail(format!("error when retrieving current configuration of a {} from {FILE}: resource name may not be empty", report.kind));
    }
}
