//! Verdicts as readable text: wrapped, without colours.

use crate::request::AdmissionRequest;
use crate::response::AdmissionResponse;
use crate::settings::Settings;

/// A request, the settings, and the policy's response.
pub struct Verdict<'a> {
    /// The heading.
    pub heading: &'a str,
    /// The request.
    pub request: &'a AdmissionRequest,
    /// The settings.
    pub settings: &'a Settings,
    /// Summaries of the policy's host calls and their responses.
    pub host_calls: &'a [String],
    /// The response.
    pub response: &'a AdmissionResponse,
}

/// The column in which the second column of the text begins.
const INDENT: usize = 12;

/// Renders a verdict as a block of text, wrapped at `width` characters.
#[must_use]
pub fn render(verdict: &Verdict<'_>, width: usize) -> String {
    let mut text = String::new();
    let response = verdict.response;
    heading(&mut text, verdict.heading);
    row(&mut text, width, "Request", &request(verdict.request));
    row(&mut text, width, "Settings", &settings(verdict.settings));
    rows(&mut text, width, "Cluster", verdict.host_calls);
    row(&mut text, width, "Verdict", &outcome(response));
    let message = response.status.as_ref().and_then(|s| s.message.as_deref());
    rows(&mut text, width, "Message", message.as_slice());
    rows(&mut text, width, "Warnings", response.warnings.as_deref().unwrap_or_default());
    let annotations: Vec<String> = response.audit_annotations.iter().flatten().map(|(key, value)| format!("{key}: {value}")).collect();
    rows(&mut text, width, "Audit log", &annotations);
    if response.patch.is_some() {
        row(&mut text, width, "Changes", "the object, by a JSON patch");
    }
    text
}

fn heading(text: &mut String, heading: &str) {
    text.push_str(heading);
    text.push('\n');
    text.push_str(&"-".repeat(heading.chars().count()));
    text.push('\n');
}

/// `CREATE Pod "web" in namespace "shop", by user "alice"`.
fn request(request: &AdmissionRequest) -> String {
    let mut text = format!("{} {}", request.operation, request.kind.kind);
    if let Some(subresource) = request.sub_resource.as_deref().filter(|s| !s.is_empty()) {
        text.push_str(&format!(" ({subresource})"));
    }
    if let Some(name) = request.name.as_deref().filter(|s| !s.is_empty()) {
        text.push_str(&format!(" \"{name}\""));
    }
    // The namespace of a Namespace is its name, which is printed already.
    if let Some(namespace) = request.namespace.as_deref().filter(|s| !s.is_empty() && request.kind.kind != "Namespace") {
        text.push_str(&format!(" in namespace \"{namespace}\""));
    }
    if let Some(user) = request.user_info.username() {
        text.push_str(&format!(", by user \"{user}\""));
    }
    text
}

/// The settings as YAML, as in a ClusterAdmissionPolicy.
fn settings(settings: &Settings) -> String {
    if settings.is_empty() {
        return "none".to_owned();
    }
    serde_norway::to_string(settings).unwrap_or_default().trim_end().to_owned()
}

fn outcome(response: &AdmissionResponse) -> String {
    let code = response.status.as_ref().and_then(|s| s.code);
    match (response.allowed, code) {
        (true, _) => "ACCEPTED".to_owned(),
        (false, Some(code)) => format!("REJECTED with code {code}"),
        (false, None) => "REJECTED".to_owned(),
    }
}

/// One row for each entry, with the label before the first. Several entries are marked, because each can take more
/// than one line.
fn rows(text: &mut String, width: usize, label: &str, entries: &[impl AsRef<str>]) {
    let mark = if entries.len() > 1 { "- " } else { "" };
    for (i, entry) in entries.iter().enumerate() {
        marked_row(text, width, if i == 0 { label } else { "" }, mark, entry.as_ref());
    }
}

fn row(text: &mut String, width: usize, label: &str, content: &str) {
    marked_row(text, width, label, "", content);
}

/// A label, a mark and a text, whose lines are indented to the column in which it begins.
fn marked_row(text: &mut String, width: usize, label: &str, mark: &str, content: &str) {
    let room = width.saturating_sub(INDENT + mark.len()).max(20);
    let mut starts = [format!("{label:<INDENT$}{mark}")].into_iter();
    let next = " ".repeat(INDENT + mark.len());
    for line in content.lines().flat_map(|line| wrapped(line, room)) {
        let start = starts.next().unwrap_or_else(|| next.clone());
        text.push_str(format!("{start}{line}").trim_end());
        text.push('\n');
    }
}

/// Breaks a line at spaces. A word that is longer than a line is not broken.
fn wrapped(line: &str, room: usize) -> Vec<String> {
    let length = |s: &str| s.chars().count();
    if length(line) <= room {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in line.split(' ') {
        if !current.is_empty() && length(&current) + 1 + length(word) > room {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::response::ValidationResponse;

    fn rendered(request: serde_json::Value, response: serde_json::Value, width: usize) -> String {
        let request = AdmissionRequest::from_value(request).unwrap();
        let response: ValidationResponse = serde_json::from_value(response).unwrap();
        let response = AdmissionResponse::new(&request, Ok(response));
        let settings = serde_json::from_value(json!({"level": "restricted"})).unwrap();
        render(&Verdict { heading: "A sample", request: &request, settings: &settings, host_calls: &[], response: &response }, width)
    }

    #[test]
    fn renders_every_field_of_a_rejection() {
        let request = json!({
            "uid": "u", "operation": "UPDATE", "name": "web", "namespace": "shop",
            "subResource": "resize", "userInfo": {"username": "alice"},
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
        });
        let response = json!({
            "accepted": false, "code": 403, "message": "one two three four five six",
            "warnings": ["first", "second"], "audit_annotations": {"b": "2", "a": "1"},
        });
        assert_eq!(
            rendered(request, response, 34),
            "A sample\n\
             --------\n\
             Request     UPDATE Pod (resize)\n\
             \x20           \"web\" in namespace\n\
             \x20           \"shop\", by user\n\
             \x20           \"alice\"\n\
             Settings    level: restricted\n\
             Verdict     REJECTED with code 403\n\
             Message     one two three four\n\
             \x20           five six\n\
             Warnings    - first\n\
             \x20           - second\n\
             Audit log   - a: 1\n\
             \x20           - b: 2\n"
        );
    }

    #[test]
    fn omits_fields_that_are_unset() {
        let request = json!({
            "uid": "u", "operation": "CREATE", "name": "shop", "namespace": "shop", "userInfo": {},
            "kind": {"group": "", "version": "v1", "kind": "Namespace"},
            "resource": {"group": "", "version": "v1", "resource": "namespaces"},
        });
        assert_eq!(
            rendered(request, json!({"accepted": true}), 100),
            "A sample\n--------\nRequest     CREATE Namespace \"shop\"\nSettings    level: restricted\nVerdict     ACCEPTED\n"
        );
    }

    #[test]
    fn wraps_lines_at_spaces_only() {
        assert_eq!(wrapped("aaa bb c", 3), ["aaa", "bb", "c"]);
        assert_eq!(wrapped("aaaaaa b", 3), ["aaaaaa", "b"]);
        assert_eq!(wrapped("", 3), [""]);
    }
}
