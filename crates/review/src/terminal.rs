//! The output of `kubectl apply -f manifest.yaml`: a line for each object, then the errors. kubectl reads the whole file before
//! it applies an object, so errors in the file precede those of the API server.
//!
//! Source: `pkg/cmd/apply/apply.go`, `pkg/cmd/util/helpers.go` and `pkg/validation/schema.go` of
//! kubectl, `pkg/resource/visitor.go` of cli-runtime, and of the API server
//! `admission/plugin/webhook/errors/statuserror.go` for rejections by webhooks and
//! `endpoints/filters/warning.go` for truncated and omitted warnings.

use pss_core::admission::Decision;
use pss_core::quote::quoted;
use pss_manifest::{Kind, Node};

use crate::kinds::group_and_version;
use crate::options::Admission;
use crate::policy;
use crate::report::{DocumentReport, Stream, TerminalLine};

/// The prefix of the API server for a rejection by this policy, under the name that it has in the README. The suffix of the name is
/// inserted between the two.
const WEBHOOK: [&str; 2] = ["admission webhook \"clusterwide-pod-security-standards", ".kubewarden.admission\" denied the request: "];

/// The start of a line with a warning.
const WARNING: &str = "Warning: ";

/// The number of characters that all warnings of a request may have. Beyond, the API server truncates each warning.
const MAX_WARNINGS: usize = 4096;
/// The length of a truncated warning, in characters.
const TRUNCATED_WARNING: usize = 256;

/// The output of kubectl, and its state while it reads a file.
#[derive(Debug)]
pub(super) struct Terminal {
    /// The name of the current file, without and with quotes.
    file: String,
    quoted_file: String,
    admission: Admission,
    /// The suffix of the name of the policy that the API server calls first, which is the mutating one if there are two.
    suffix: &'static str,
    lines: Vec<TerminalLine>,
    /// The indices of the lines that are warnings, sorted by their texts.
    warnings: Vec<usize>,
    /// The errors in the file, which kubectl finds before it applies an object.
    file_errors: Vec<String>,
    /// The errors of applying objects.
    failures: Vec<Failure>,
    /// Whether kubectl stopped reading the file.
    stopped: bool,
    /// Whether a part of the output is unknown.
    is_incomplete: bool,
}

/// An error that kubectl prints at its end.
#[derive(Debug, Clone)]
struct Failure {
    /// The text if there are several errors.
    message: String,
    /// The text if it is the only error.
    single: String,
}

impl Terminal {
    /// The output for an admission; `mutates` is whether there is a mutating policy.
    pub(super) fn new(admission: Admission, mutates: bool) -> Self {
        let suffix = if mutates { policy::MUTATING_SUFFIX } else { "" };
        Terminal {
            file: String::new(),
            quoted_file: String::new(),
            admission,
            suffix,
            lines: Vec::new(),
            warnings: Vec::new(),
            file_errors: Vec::new(),
            failures: Vec::new(),
            stopped: false,
            is_incomplete: false,
        }
    }

    /// A terminal that records nothing, because its lines are not needed.
    pub(super) fn silent() -> Self {
        Terminal { stopped: true, ..Terminal::new(Admission::BuiltIn, false) }
    }

    /// Starts to read a file. An error in the file before does not stop kubectl.
    pub(super) fn open(&mut self, name: &str) {
        name.clone_into(&mut self.file);
        self.quoted_file = quoted(name);
        self.stopped = false;
    }

    /// A terminal in the same file that has no output yet, for one document.
    pub(super) fn for_document(&self) -> Self {
        let mut terminal = Terminal::new(self.admission, false);
        terminal.suffix = self.suffix;
        terminal.open(&self.file);
        terminal
    }

    /// Adds the output for a document, unless kubectl stopped reading the file before.
    pub(super) fn add(&mut self, document: &Terminal) {
        if self.stopped {
            return;
        }
        for line in &document.lines {
            // kubectl prints equal warnings once.
            if !line.text.starts_with(WARNING) || self.find_warning(&line.text).is_err() {
                self.push(line.stream, line.text.clone());
            }
        }
        self.file_errors.extend_from_slice(&document.file_errors);
        self.failures.extend_from_slice(&document.failures);
        self.stopped = document.stopped;
        self.is_incomplete |= document.is_incomplete;
    }

    /// Returns all lines in the order in which kubectl prints them.
    pub(super) fn lines(mut self) -> Vec<TerminalLine> {
        let text = match (self.file_errors.as_slice(), self.failures.as_slice()) {
            ([], []) if self.lines.is_empty() && !self.is_incomplete => "error: no objects passed to apply".to_owned(),
            ([], []) => return self.lines,
            ([error], []) => format!("error: {error}"),
            (errors, []) => errors.join("\n"),
            ([], [failure]) => failure.single.clone(),
            (_, failures) => {
                let mut text = joined_errors(&self.file_errors);
                for failure in failures {
                    text += &failure.message;
                    text.push('\n');
                }
                text
            }
        };
        self.print(Stream::Error, &text);
        self.lines
    }

    /// Prints a text, in which names may contain line ends.
    fn print(&mut self, stream: Stream, text: &str) {
        for line in text.lines() {
            for part in line.split('\r') {
                self.push(stream, part.to_owned());
            }
        }
    }

    /// Returns the place of a warning in the list of warnings, or the place for it as an error.
    fn find_warning(&self, text: &str) -> Result<usize, usize> {
        self.warnings.binary_search_by(|line| self.lines.get(*line).map_or("", |line| &line.text).cmp(text))
    }

    fn push(&mut self, stream: Stream, text: String) {
        if text.starts_with(WARNING)
            && let Err(place) = self.find_warning(&text)
        {
            self.warnings.insert(place, self.lines.len());
        }
        self.lines.push(TerminalLine { stream, text });
    }

    /// Adds an error in the file, after which kubectl skips the object, or stops reading if `stopped` is set.
    fn skip(&mut self, message: String, stopped: bool) {
        if !self.stopped {
            self.file_errors.push(message);
            self.stopped = stopped;
        }
    }

    fn fail(&mut self, message: String) {
        self.failures.push(Failure { single: format!("error: {message}"), message });
    }

    /// Adds an error that the API server returns.
    fn fail_from_server(&mut self, reason: &str, message: &str) {
        let message = format!("Error from server{reason}: error when creating {}: {message}", self.quoted_file);
        self.failures.push(Failure { single: message.clone(), message });
    }

    /// Stops the output at a document that exceeds a limit of the review: the output of kubectl for it is unknown.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.is_incomplete = true;
    }

    /// Adds the error for a document that is neither YAML nor JSON. `first` and `last` are the lines of the error in the document,
    /// counted from 1.
    pub(super) fn syntax_error(&mut self, message: &str, first: usize, last: usize) {
        let is_of_scanner = ["found ", "could not find ", "mapping ", "block "].iter().any(|start| message.starts_with(start));
        // go-yaml counts lines from 0 and adds 1 to those of its scanner, but not to those of its parser. It omits the first
        // line, and has no line for errors that it finds after parsing.
        let line = if message.starts_with("did not find ") {
            last.saturating_sub(1)
        } else if is_of_scanner && first > 1 {
            first
        } else {
            0
        };
        let line = if line > 0 { format!("line {line}: ") } else { String::new() };
        let prefix = if message.starts_with("invalid Yaml document separator") { "" } else { "error converting YAML to JSON: yaml: " };
        self.skip(format!("error parsing {}: {prefix}{line}{message}", self.file), true);
    }

    /// Adds the error for a document that is not an object, or has no `kind` or `apiVersion`.
    pub(super) fn validation_error(&mut self, node: Node<'_>) {
        let mut errors = Vec::new();
        if matches!(node.kind(), Kind::Mapping) {
            for field in ["apiVersion", "kind"] {
                match node.get(field).map_or(Kind::Null, |entry| entry.value.kind()) {
                    Kind::Null => errors.push(format!("{field} not set")),
                    Kind::Text(_) => {}
                    _ => errors.push(format!("{field} isn't string type")),
                }
            }
        } else {
            errors.push("invalid object to validate".to_owned());
        }
        if errors.is_empty() {
            return self.skip(format!("unable to decode {}: Object 'Kind' is missing in '{{...}}'", self.quoted_file), false);
        }
        let errors = joined_errors(&errors);
        self.skip(
            format!(
                "error validating {}: error validating data: {}; if you choose to ignore these errors, turn validation off with \
                 --validate=false",
                self.quoted_file,
                errors.trim_end()
            ),
            true,
        );
    }

    /// Adds the error for an object of a kind that the cluster does not have.
    pub(super) fn no_match(&mut self, report: &DocumentReport) {
        let kind = format!("no matches for kind {} in version {}", quoted(&report.kind), quoted(&report.api_version));
        let message = match report.item {
            Some(_) => format!("unable to recognize {kind}"),
            None => format!(
                "resource mapping not found for name: {} namespace: {} from {}: {kind}\nensure CRDs are installed first",
                quoted(&report.name),
                quoted(&report.namespace),
                self.quoted_file,
            ),
        };
        self.skip(message, false);
    }

    /// Adds the error for an object with a value of the wrong type, or with a field that Kubernetes does not have.
    pub(super) fn bad_request(&mut self, report: &DocumentReport, error: &str) {
        if self.stopped {
            return;
        }
        let (_, version) = group_and_version(&report.api_version);
        let message = format!("{} in version {} cannot be handled as a {0}: {error}", report.kind, quoted(version));
        self.fail_from_server(" (BadRequest)", &message);
    }

    /// Adds the response of the API server to the request that creates an object.
    pub(super) fn response(&mut self, report: &DocumentReport, node: Node<'_>, decision: &Decision) {
        if self.stopped {
            return;
        }
        if report.name.is_empty() {
            return self.missing_name(report, node);
        }
        // Warnings are sent as headers, and the API server omits those with control characters.
        let is_sent = |warning: &str| !warning.contains(char::is_control);
        let length: usize = decision.warnings.iter().filter(|warning| is_sent(warning)).map(|warning| warning.chars().count()).sum();
        let limit = if length > MAX_WARNINGS { TRUNCATED_WARNING } else { usize::MAX };
        for warning in &decision.warnings {
            let mut text = WARNING.to_owned();
            text.extend(warning.chars().take(limit));
            // kubectl prints equal warnings once.
            if is_sent(&text) && self.find_warning(&text).is_err() {
                self.push(Stream::Error, text);
            }
        }
        match &decision.rejection {
            Some(rejection) if self.admission == Admission::Kubewarden || report.kind != "Pod" && report.kind != "Namespace" => {
                let [start, end] = WEBHOOK;
                self.fail_from_server("", &[start, self.suffix, end, &rejection.message].concat());
            }
            Some(rejection) if rejection.code == 422 => {
                self.fail_from_server(" (Invalid)", &rejection.message);
                // A single error of this reason has another text.
                if let Some(failure) = self.failures.last_mut() {
                    failure.single = match report.diagnostics.as_slice() {
                        [] | [_] => format!("The {}", rejection.message),
                        errors => errors.iter().fold(format!("The Namespace {} is invalid: ", quoted(&report.name)), |text, error| {
                            text + "\n* " + &error.message
                        }),
                    };
                }
            }
            Some(rejection) => self.fail_from_server(" (Forbidden)", &rejection.message),
            None => {
                let (group, _) = group_and_version(&report.api_version);
                let dot = if group.is_empty() { "" } else { "." };
                let text = format!("{}{dot}{group}/{} created", report.kind.to_ascii_lowercase(), report.name);
                self.print(Stream::Output, &text);
            }
        }
    }

    /// Adds the error for an object without a name.
    fn missing_name(&mut self, report: &DocumentReport, node: Node<'_>) {
        let prefix = node.at("metadata.generateName").node.text().filter(|prefix| !prefix.is_empty());
        if let Some(prefix) = prefix {
            return self.fail(format!("from {prefix}: cannot use generate name with apply"));
        }
        let (group, version) = group_and_version(&report.api_version);
        let mut resource = report.kind.to_ascii_lowercase();
        match resource.pop() {
            Some('y') => resource += "ies",
            Some('s') if resource != "endpoint" => resource += "ses",
            Some('s') | None => resource.push('s'),
            Some(last) => resource.extend([last, 's']),
        }
        self.fail(format!(
            "error when retrieving current configuration of:\nResource: \"{group}/{version}, Resource={resource}\", GroupVersionKind: \
             \"{group}/{version}, Kind={}\"\nName: \"\", Namespace: {}\nfrom server for: {}: resource name may not be empty",
            report.kind,
            quoted(&report.namespace),
            self.quoted_file,
        ));
    }
}

/// Joins errors as Go does, with a line end; empty if there are none.
///
/// Source: `pkg/util/errors/errors.go` of k8s.io/apimachinery.
fn joined_errors(errors: &[String]) -> String {
    let mut text = String::new();
    let mut count = 0;
    for (index, error) in errors.iter().enumerate() {
        // Go lists equal errors once.
        if !errors.iter().take(index).any(|earlier| earlier == error) {
            text += if text.is_empty() { "" } else { ", " };
            text += error;
            count += 1;
        }
    }
    match count {
        0 => text,
        1 => text + "\n",
        _ => format!("[{text}]\n"),
    }
}

#[cfg(test)]
mod tests;
