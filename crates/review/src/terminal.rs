//! What `kubectl apply -f manifest.yaml` prints: the objects one by one, then the errors, those first
//! that it met while it read the file, which it does before it applies anything.
//!
//! Source: `pkg/cmd/apply/apply.go`, `pkg/cmd/util/helpers.go` and `pkg/validation/schema.go` of
//! kubectl, `pkg/resource/visitor.go` of cli-runtime, and of the API server
//! `admission/plugin/webhook/errors/statuserror.go` for what a webhook rejects and
//! `endpoints/filters/warning.go` for warnings that are cut or left out.

use pss_core::admission::Decision;
use pss_core::quote::quoted;
use pss_manifest::{Kind, Node};

use crate::kinds::group_and_version;
use crate::options::Admission;
use crate::policy;
use crate::report::{DocumentReport, Stream, TerminalLine};

/// What the API server puts before a rejection by this policy, installed as the README has it.
const WEBHOOK: [&str; 2] = ["admission webhook \"clusterwide-pod-security-standards", ".kubewarden.admission\" denied the request: "];

/// How many characters all warnings of a request may have. Beyond, the API server cuts each.
const MAX_WARNINGS: usize = 4096;
/// How many characters it leaves of each.
const CUT_WARNING: usize = 256;

/// What kubectl prints, while it does.
pub(super) struct Terminal {
    /// The name of the file that is read, without and with quotes.
    file: String,
    quoted_file: String,
    admission: Admission,
    /// What the name of the policy that is asked first ends with: of two it is the one that changes things.
    suffix: &'static str,
    lines: Vec<TerminalLine>,
    /// What goes wrong while the file is read, all of it before anything is applied.
    unread: Vec<String>,
    /// What goes wrong while objects are applied.
    failures: Vec<Failure>,
    /// Whether kubectl stopped reading the file.
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
    pub(super) fn of(admission: Admission, changes: bool) -> Self {
        let suffix = if changes { policy::CHANGING } else { "" };
        Terminal {
            file: String::new(),
            quoted_file: String::new(),
            admission,
            suffix,
            lines: Vec::new(),
            unread: Vec::new(),
            failures: Vec::new(),
            stopped: false,
        }
    }

    /// Begins to read a file, unless an earlier error ended that.
    pub(super) fn open(&mut self, name: &str) {
        name.clone_into(&mut self.file);
        self.quoted_file = quoted(name);
    }

    /// The lines in the order in which they appear.
    pub(super) fn lines(mut self) -> Vec<TerminalLine> {
        let text = match (self.unread.as_slice(), self.failures.as_slice()) {
            ([], []) if self.lines.is_empty() && !self.stopped => "error: no objects passed to apply".to_owned(),
            ([], []) => return self.lines,
            ([error], []) => format!("error: {error}"),
            (errors, []) => errors.join("\n"),
            ([], [failure]) => failure.alone.clone(),
            (_, failures) => {
                let mut text = among_others(&self.unread);
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

    /// Prints a text, whose names may have line ends in them.
    fn print(&mut self, stream: Stream, text: &str) {
        let lines = text.lines().flat_map(|line| line.split('\r'));
        self.lines.extend(lines.map(|line| TerminalLine { stream, text: line.to_owned() }));
    }

    /// What ends the reading of the file, or one of its objects.
    fn skip(&mut self, message: String, stopped: bool) {
        if !self.stopped {
            self.unread.push(message);
            self.stopped = stopped;
        }
    }

    fn fail(&mut self, message: String) {
        self.failures.push(Failure { alone: format!("error: {message}"), message });
    }

    /// An error that the API server answers with.
    fn fail_from_server(&mut self, reason: &str, message: &str) {
        let message = format!("Error from server{reason}: error when creating {}: {message}", self.quoted_file);
        self.failures.push(Failure { alone: message.clone(), message });
    }

    /// A document that is too much for a page. What kubectl would say of it is not known.
    pub(super) fn give_up(&mut self) {
        self.stopped = true;
    }

    /// A document that is neither YAML nor JSON; with the first and last line in it of what is wrong.
    pub(super) fn unreadable(&mut self, message: &str, first: usize, last: usize) {
        let is_of_scanner = ["found ", "could not find ", "mapping ", "block "].iter().any(|words| message.starts_with(words));
        // go-yaml counts from 0 and adds one where its scanner found the error, but not where its parser did; it leaves
        // the first line out, and knows none of what it finds later.
        let line = if message.starts_with("did not find ") {
            last.saturating_sub(1)
        } else if is_of_scanner && first > 1 {
            first
        } else {
            0
        };
        let line = if line > 0 { format!("line {line}: ") } else { String::new() };
        let what = if message.starts_with("invalid Yaml document separator") { "" } else { "error converting YAML to JSON: yaml: " };
        self.skip(format!("error parsing {}: {what}{line}{message}", self.file), true);
    }

    /// What is no object, or one without `kind` or `apiVersion`.
    pub(super) fn unidentified(&mut self, node: Node<'_>) {
        let mut problems = Vec::new();
        if matches!(node.kind(), Kind::Mapping) {
            for field in ["apiVersion", "kind"] {
                match node.get(field).map_or(Kind::Null, |entry| entry.value.kind()) {
                    Kind::Null => problems.push(format!("{field} not set")),
                    Kind::Text(_) => {}
                    _ => problems.push(format!("{field} isn't string type")),
                }
            }
        } else {
            problems.push("invalid object to validate".to_owned());
        }
        if problems.is_empty() {
            return self.skip(format!("unable to decode {}: Object 'Kind' is missing in '{{...}}'", self.quoted_file), false);
        }
        let problems = among_others(&problems);
        self.skip(
            format!(
                "error validating {}: error validating data: {}; if you choose to ignore these errors, turn validation off with \
                 --validate=false",
                self.quoted_file,
                problems.trim_end()
            ),
            true,
        );
    }

    /// An object of a kind that the cluster does not have.
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

    /// An object with a value of the wrong type.
    pub(super) fn bad_request(&mut self, report: &DocumentReport) {
        if self.stopped {
            return;
        }
        let problem = report.diagnostics.first().map_or("", |diagnostic| &diagnostic.message);
        let (_, version) = group_and_version(&report.api_version);
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
        // Warnings are sent as headers, and one with a line end or the like is left out.
        let is_sent = |warning: &str| !warning.contains(char::is_control);
        let length: usize = decision.warnings.iter().filter(|warning| is_sent(warning)).map(|warning| warning.chars().count()).sum();
        let cut = if length > MAX_WARNINGS { CUT_WARNING } else { usize::MAX };
        for warning in &decision.warnings {
            let mut text = "Warning: ".to_owned();
            text.extend(warning.chars().take(cut));
            // kubectl repeats no warning.
            if is_sent(&text) && !self.lines.iter().any(|line| line.text == text) {
                self.lines.push(TerminalLine { stream: Stream::Error, text });
            }
        }
        match &decision.rejection {
            Some(rejection) if self.admission == Admission::Kubewarden || report.kind != "Pod" && report.kind != "Namespace" => {
                let [before, behind] = WEBHOOK;
                self.fail_from_server("", &[before, self.suffix, behind, &rejection.message].concat());
            }
            Some(rejection) if rejection.code == 422 => {
                self.fail_from_server(" (Invalid)", &rejection.message);
                // Alone, an error of this kind is told in other words.
                if let Some(failure) = self.failures.last_mut() {
                    failure.alone = match report.diagnostics.as_slice() {
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

    fn nameless(&mut self, report: &DocumentReport, node: Node<'_>) {
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

/// Several errors as Go makes one of them, with a line end; nothing if there is none.
fn among_others(errors: &[String]) -> String {
    let mut text = String::new();
    let mut count = 0;
    for (index, error) in errors.iter().enumerate() {
        // Go repeats no error here.
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
