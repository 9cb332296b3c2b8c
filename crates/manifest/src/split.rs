//! Where documents begin and end: what apimachinery's reader of YAML and JSON streams does before
//! any YAML is read.

use super::json_text;
use super::position::Stretch;
use super::scan::Fault;

/// A document as the splitter hands it on.
#[derive(Debug)]
pub(super) enum Part {
    /// A JSON object at the start of the text.
    Json(Stretch),
    Yaml(Stretch),
    /// Lines that are lost, since the separator behind them is none.
    Broken(Stretch, Fault),
}

impl Part {
    pub(super) fn stretch(&self) -> Stretch {
        match self {
            Part::Json(at) | Part::Yaml(at) | Part::Broken(at, _) => *at,
        }
    }
}

/// Splits a text. One that begins with `{` is JSON for as long as it can be read as that, object
/// after object; what is left is YAML.
pub(super) fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = 0;
    if text.trim_start().starts_with('{') {
        while let Some(end) = json_text::end_of_value(text, start) {
            let value = text.get(start..end).unwrap_or_default();
            parts.push(Part::Json(Stretch::new(end - value.trim_start().len(), end)));
            start = end;
        }
    }
    // The end of the line on which JSON ended, and empty lines behind, are no document.
    let mut rest = text.get(start..).unwrap_or_default();
    while let Some((_, behind)) = rest.split_once('\n').filter(|(line, _)| !parts.is_empty() && line.trim().is_empty()) {
        rest = behind;
    }
    if parts.is_empty() || !rest.trim().is_empty() {
        split_yaml(rest, text.len() - rest.len(), &mut parts);
    }
    parts
}

/// Splits YAML at the lines that begin with `---`, whatever they are inside of. The first of them
/// belongs to the document behind it, if nothing stands before it.
fn split_yaml(text: &str, offset: usize, parts: &mut Vec<Part>) {
    let mut start = offset;
    let mut at = offset;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if let Some(behind) = line.strip_prefix("---") {
            let behind = behind.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                let message = format!("invalid Yaml document separator: {behind}");
                let separator = Stretch::new(at, at + line.trim_end().len());
                parts.push(Part::Broken(Stretch::new(start, end), Fault::new(message, separator)));
                start = end;
            } else if start < at {
                parts.push(Part::Yaml(Stretch::new(start, at)));
                start = end;
            }
        }
        at = end;
    }
    if start < at {
        parts.push(Part::Yaml(Stretch::new(start, at)));
    }
}
