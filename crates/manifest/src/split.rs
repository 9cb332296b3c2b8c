//! Splitting of a text into documents, before YAML is parsed: `YAMLOrJSONDecoder` of Kubernetes 1.33 and later.
//!
//! Source: `pkg/util/yaml/decoder.go` of k8s.io/apimachinery.

use super::BYTE_ORDER_MARK;
use super::json_text::{self, JsonError};
use super::position::ByteSpan;
use super::scan::{Origin, SyntaxError};

/// The part of a text that is a document.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// A JSON value at the start of the text.
    Json(ByteSpan),
    /// YAML. The error is that of kubectl if it is not valid YAML either.
    Yaml(ByteSpan, Option<SyntaxError>),
    /// Lines that are lost because the separator after them is invalid, or the rest of a text of JSON.
    Invalid(ByteSpan, SyntaxError),
}

impl Part {
    pub(super) fn byte_span(&self) -> ByteSpan {
        match self {
            Part::Json(at) | Part::Yaml(at, _) | Part::Invalid(at, _) => *at,
        }
    }
}

/// Splits a text. A text that begins with `{` is JSON, value after value. After an error in the first or second value the rest is YAML;
/// if that is invalid too, the error is that in JSON. An error after two values ends the text.
pub(super) fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    // kubectl removes a byte order mark.
    let json = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    if !text.get(json..).unwrap_or_default().trim_start().starts_with('{') {
        split_yaml(text, 0, None, &mut parts);
        return parts;
    }
    let mut start = json;
    loop {
        let error = match json_text::end_of_value(text, start) {
            Ok(Some(end)) => {
                let value = text.get(start..end).unwrap_or_default();
                parts.push(Part::Json(ByteSpan::new(end - value.trim_start().len(), end)));
                start = end;
                continue;
            }
            Ok(None) => return parts,
            Err(error) => error,
        };
        let is_json = parts.len() > 1;
        let mut message = error.message(text);
        if let JsonError::Byte { offset, .. } = error
            && !is_json
        {
            message = format!("json: offset {}: {message}", offset - json + 1);
        }
        let error = SyntaxError::new(message, error.span(text)).of(Origin::Json);
        let rest = text.get(start..).unwrap_or_default();
        match start_of_yaml(rest).filter(|_| !is_json) {
            Some(yaml) => split_rest(rest.get(yaml..).unwrap_or_default(), start + yaml, error, &mut parts),
            None => parts.push(Part::Invalid(ByteSpan::new(text.len() - rest.trim_start().len(), text.len()), error)),
        }
        return parts;
    }
}

/// Returns the offset at which YAML begins after JSON: that of the first line end, or of the first character other than space. kubectl
/// reads four bytes at once, and finds no YAML if there are fewer.
fn start_of_yaml(text: &str) -> Option<usize> {
    for (at, character) in text.char_indices() {
        if at + 4 > text.len() {
            return None;
        }
        match character {
            '\n' => return Some(at + 1),
            _ if !character.is_whitespace() => return Some(at),
            _ => {}
        }
    }
    None
}

/// Splits YAML after an error in JSON. Empty lines are no document.
fn split_rest(text: &str, offset: usize, error: SyntaxError, parts: &mut Vec<Part>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('\n').filter(|(line, _)| !parts.is_empty() && line.trim().is_empty()) {
        rest = after;
    }
    // For kubectl these lines are a valid document if a separator follows, so that its errors are those after the separator.
    let mut json_error = Some(error);
    if rest.len() < text.len() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if line.strip_prefix("---").map(str::trim).is_some_and(|end| end.is_empty() || end.starts_with('#')) {
            rest = after;
            json_error = None;
        }
    }
    split_yaml(rest, offset + text.len() - rest.len(), json_error, parts);
}

/// Splits YAML at lines that begin with `---`, even inside of scalars. A separator at the start of the text belongs to the
/// document after it. `json_error` is for the first document.
fn split_yaml(text: &str, offset: usize, mut json_error: Option<SyntaxError>, parts: &mut Vec<Part>) {
    let mut start = offset;
    let mut at = offset;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let marked = if at == 0 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        if let Some(after) = marked.strip_prefix("---") {
            let after = after.trim();
            if !after.is_empty() && !after.starts_with('#') {
                let separator = ByteSpan::new(at, at + line.trim_end().len());
                let message = format!("invalid Yaml document separator: {after}");
                let error = SyntaxError::new(message, separator).of(Origin::Json);
                parts.push(Part::Invalid(ByteSpan::new(start, end), json_error.take().unwrap_or(error)));
                start = end;
            } else if start < at {
                parts.push(Part::Yaml(ByteSpan::new(start, at), json_error.take()));
                start = end;
            }
        }
        at = end;
    }
    if start < at {
        parts.push(Part::Yaml(ByteSpan::new(start, at), json_error));
    }
}
