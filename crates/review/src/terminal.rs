//! The output of `kubectl apply -f manifest.yaml`: a line for each object, then the errors. kubectl reads the whole file before
//! it applies an object, so errors in the file precede those of the API server.
//!
//! Source: `pkg/cmd/apply/apply.go`, `pkg/cmd/util/helpers.go` and `pkg/validation` of kubectl 1.37,
//! `pkg/resource/visitor.go` and `pkg/resource/mapper.go` of cli-runtime, and of the API server
//! `admission/plugin/webhook/errors/statuserror.go` for rejections by webhooks and
//! `endpoints/filters/warning.go` for truncated and omitted warnings.

mod go_json;

use pss_core::admission::Decision;
use pss_core::quote::quoted;
use pss_manifest::{Kind, Node, Origin};

use crate::kinds::{group_and_version, is_namespaced};
use crate::options::Admission;
use crate::policy;
use crate::report::{DocumentReport, Stream, TerminalLine};
use crate::review::DEFAULT_NAMESPACE;
use crate::schema::DecodingError;

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
    file_errors: Vec<FileError>,
    /// The errors of applying objects.
    failures: Vec<Failure>,
    /// Whether kubectl stopped reading the file.
    stopped: bool,
    /// Whether a part of the output is unknown.
    is_incomplete: bool,
}

/// An error in a document, or all errors in the items of a List.
#[derive(Debug, Clone)]
struct FileError {
    messages: Vec<String>,
    is_of_list: bool,
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
        // Without output there is none about a text without objects either.
        if !cfg!(feature = "full") {
            return Vec::new();
        }
        let text = match (self.file_errors.as_slice(), self.failures.as_slice()) {
            ([], []) if self.lines.is_empty() && !self.is_incomplete => "error: no objects passed to apply".to_owned(),
            ([], []) => return self.lines,
            ([FileError { messages, is_of_list: false }], []) => format!("error: {}", messages.join("")),
            ([FileError { messages, .. }], []) => messages.join("\n"),
            (errors, []) => errors.iter().map(|error| joined_errors(&error.messages)).collect(),
            ([], [failure]) => failure.single.clone(),
            (errors, failures) => {
                let messages: Vec<_> = errors.iter().flat_map(|error| &error.messages).cloned().collect();
                let mut text = joined_errors(&messages);
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

    /// Adds an error in the file, after which kubectl skips the object. `is_item` is whether it is an item of a List.
    fn skip(&mut self, message: String, is_item: bool) {
        match self.file_errors.last_mut() {
            _ if self.stopped => {}
            Some(last) if is_item && last.is_of_list => last.messages.push(message),
            _ => self.file_errors.push(FileError { messages: vec![message], is_of_list: is_item }),
        }
    }

    /// Adds an error in the file, after which kubectl does not read the rest.
    fn skip_rest(&mut self, message: String) {
        self.skip(message, false);
        self.stopped = true;
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

    /// Adds the error for a document that is neither YAML nor JSON.
    pub(super) fn syntax_error(&mut self, error: &pss_manifest::Diagnostic) {
        if !cfg!(feature = "full") {
            return;
        }
        let message = error.kubectl_message();
        let (conversion, line) = match error.origin {
            Origin::Yaml(0) => ("error converting YAML to JSON: yaml: ", String::new()),
            Origin::Yaml(line) => ("error converting YAML to JSON: yaml: ", format!("line {line}: ")),
            Origin::Conversion => ("error converting YAML to JSON: ", String::new()),
            Origin::Json => ("", String::new()),
            Origin::Validation => return self.validation_error(&[message.to_owned()]),
        };
        self.skip_rest(format!("error parsing {}: {conversion}{line}{message}", self.file));
    }

    /// Adds errors that kubectl finds in an object itself.
    fn validation_error(&mut self, errors: &[String]) {
        let errors = joined_errors(errors);
        self.skip_rest(format!(
            "error validating {}: error validating data: {}; if you choose to ignore these errors, turn validation off with --validate=false",
            self.quoted_file,
            errors.trim_end()
        ));
    }

    /// Adds the error for a List of which kubectl applies no item. It validates all items before it applies one, and unlike the review
    /// it accepts no List in a List. Returns whether there is an error.
    pub(super) fn list(&mut self, list: Node<'_>) -> bool {
        if !cfg!(feature = "full") {
            return false;
        }
        let is = |field, value| list.get(field).is_some_and(|entry| entry.value.text() == Some(value));
        if self.stopped || !is("kind", "List") || !is("apiVersion", "v1") {
            return false;
        }
        let items = list.get("items").map(|entry| entry.value).filter(|items| matches!(items.kind(), Kind::Sequence));
        let errors: Vec<_> =
            items.map_or_else(|| object_errors(None), |items| items.elements().flat_map(|item| object_errors(Some(item))).collect());
        if !errors.is_empty() {
            self.validation_error(&errors);
            return true;
        }
        let is_list = |item: Node<'_>| item.get("items").is_some_and(|entry| matches!(entry.value.kind(), Kind::Sequence));
        let has_list = items.is_some_and(|items| items.elements().any(is_list));
        if has_list {
            self.skip("*unstructured.Unstructured is not a list: no Items field in this object".to_owned(), false);
        }
        has_list
    }

    /// Adds the error for an object that is none, or has no `kind` or `apiVersion`. `is_item` is whether it is an item of a List.
    pub(super) fn no_object(&mut self, node: Node<'_>, is_item: bool) {
        if !cfg!(feature = "full") {
            return;
        }
        let errors = object_errors(Some(node));
        if !errors.is_empty() {
            return self.validation_error(&errors);
        }
        let message = if is_item {
            "unable to get type info from the object \"*unstructured.Unstructured\": Object 'Kind' is missing in 'object has no kind field '"
                .to_owned()
        } else {
            format!("unable to decode {}: Object 'Kind' is missing in '{}'", self.quoted_file, go_json::go_json(node))
        };
        self.skip(message, is_item);
    }

    /// Adds the error for an object of a kind that the cluster does not have.
    pub(super) fn no_match(&mut self, report: &DocumentReport) {
        if !cfg!(feature = "full") {
            return;
        }
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
        self.skip(message, report.item.is_some());
    }

    /// Adds the error for an object that cannot be decoded, or has a field that Kubernetes does not have. kubectl decodes the metadata of
    /// a document itself.
    pub(super) fn bad_request(&mut self, report: &DocumentReport, node: Node<'_>, error: &DecodingError) {
        if !cfg!(feature = "full") {
            return;
        }
        if self.stopped {
            return;
        }
        if error.is_in_metadata && report.item.is_none() {
            let own =
                error.message.split_once("Go struct field ").and_then(|(start, rest)| Some((start, rest.strip_prefix(&report.kind)?)));
            let error =
                own.map_or_else(|| error.message.clone(), |(start, rest)| format!("{start}Go struct field metadataOnlyObject{rest}"));
            return self.skip(format!("unable to decode {}: {error}", self.quoted_file), false);
        }
        if report.name.is_empty() {
            return self.missing_name(report, node);
        }
        let (_, version) = group_and_version(&report.api_version);
        let message = format!("{} in version {} cannot be handled as a {0}: {}", report.kind, quoted(version), error.message);
        self.fail_from_server(" (BadRequest)", &message);
    }

    /// Returns whether nothing is added any more.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Adds the response of the API server to the request that creates an object. `own` are the warnings of the API server itself.
    pub(super) fn response(&mut self, report: &DocumentReport, node: Node<'_>, decision: &Decision, own: &[String]) {
        if !cfg!(feature = "full") {
            return;
        }
        if self.stopped {
            return;
        }
        if report.name.is_empty() {
            return self.missing_name(report, node);
        }
        // An API server calls mutating policies before it validates an object and gives its own warnings, and others after that.
        let own = if self.suffix.is_empty() || decision.rejection.is_none() { own } else { &[] };
        let (first, last) = if self.suffix.is_empty() { (own, decision.warnings.as_slice()) } else { (decision.warnings.as_slice(), own) };
        // Warnings are sent as headers, and the API server omits those with control characters.
        let warnings: Vec<_> = first.iter().chain(last).filter(|warning| !warning.contains(char::is_control)).collect();
        let length: usize = warnings.iter().map(|warning| warning.chars().count()).sum();
        let limit = if length > MAX_WARNINGS { TRUNCATED_WARNING } else { usize::MAX };
        for warning in warnings {
            let mut text = WARNING.to_owned();
            text.extend(warning.chars().take(limit));
            // kubectl prints equal warnings once.
            if self.find_warning(&text).is_err() {
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
            quoted(if report.namespace.is_empty() && is_namespaced(&report.kind) { DEFAULT_NAMESPACE } else { &report.namespace }),
            self.quoted_file,
        ));
    }
}

/// Returns the errors that kubectl finds in an object before the API server does.
///
/// Source: `getObjectKind` in `pkg/validation/validation.go` of kubectl.
fn object_errors(node: Option<Node<'_>>) -> Vec<String> {
    let Some(node) = node.filter(|node| matches!(node.kind(), Kind::Mapping)) else { return vec!["invalid object to validate".to_owned()] };
    let error = |field: &&str| match node.get(field).map_or(Kind::Null, |entry| entry.value.kind()) {
        Kind::Null => Some(format!("{field} not set")),
        Kind::Text(_) => None,
        _ => Some(format!("{field} isn't string type")),
    };
    ["apiVersion", "kind"].iter().filter_map(error).collect()
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
