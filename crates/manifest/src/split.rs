//! Splitting of a text into documents, before YAML is parsed.
//!
//! Source: `pkg/util/yaml/decoder.go` of k8s.io/apimachinery.

use super::json_text;
use super::position::ByteSpan;
use super::scan::SyntaxError;

/// The part of a text that is a document.
#[derive(Debug)]
pub(super) enum Part {
    /// A JSON object at the start of the text.
    Json(ByteSpan),
    Yaml(ByteSpan),
    /// Lines that are lost because the separator after them is invalid.
    Invalid(ByteSpan, SyntaxError),
}

impl Part {
    pub(super) fn byte_span(&self) -> ByteSpan {
        match self {
            Part::Json(at) | Part::Yaml(at) | Part::Invalid(at, _) => *at,
        }
    }
}

/// Splits a text. A text that begins with `{` is JSON, object after object, up to the first that is not valid JSON; the rest is
/// YAML.
pub(super) fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = 0;
    if text.trim_start().starts_with('{') {
        while let Some(end) = json_text::end_of_value(text, start) {
            let value = text.get(start..end).unwrap_or_default();
            parts.push(Part::Json(ByteSpan::new(end - value.trim_start().len(), end)));
            start = end;
        }
    }
    // The rest of the last line of JSON and empty lines after it are no document.
    let mut rest = text.get(start..).unwrap_or_default();
    while let Some((_, after)) = rest.split_once('\n').filter(|(line, _)| !parts.is_empty() && line.trim().is_empty()) {
        rest = after;
    }
    if parts.is_empty() || !rest.trim().is_empty() {
        split_yaml(rest, text.len() - rest.len(), &mut parts);
    }
    parts
}

/// Splits YAML at lines that begin with `---`, even inside of scalars. A separator at the start of the text belongs to the
/// document after it.
fn split_yaml(text: &str, offset: usize, parts: &mut Vec<Part>) {
    let mut start = offset;
    let mut at = offset;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if let Some(after) = line.strip_prefix("---") {
            let after = after.trim();
            if !after.is_empty() && !after.starts_with('#') {
                let message = format!("invalid Yaml document separator: {after}");
                let separator = ByteSpan::new(at, at + line.trim_end().len());
                parts.push(Part::Invalid(ByteSpan::new(start, end), SyntaxError::new(message, separator)));
                start = end;
            } else if start < at {
                parts.push(Part::Yaml(ByteSpan::new(start, at)));
                start = end;
            }
        }
        at = end;
    }
    if start < at {
        parts.push(Part::Yaml(ByteSpan::new(start, at)));
    }
}
