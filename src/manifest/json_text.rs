//! A manifest that is JSON. Kubernetes reads it as that, which YAML is not quite: `\/` and pairs of
//! surrogates are fine, and a key may be as long as it likes.

use super::float;
use super::graph::{Graph, Written};
use super::position::Stretch;
use super::scan::Fault;
use crate::json::{self, Notes, Text};

/// Reads an object that serde_json has been through, so that only values are left to be found.
pub(super) fn read(text: &str, object: Stretch) -> Result<Graph, Fault> {
    let mut graph = Graph::default();
    let mut start = object.start;
    while let Some(first) = text.get(start..object.end).and_then(|rest| rest.chars().next()) {
        let rest = text.get(start..object.end).unwrap_or_default();
        let end = start + length(rest);
        let at = Stretch::new(start, end);
        match first {
            '{' => graph.add(Written::Mapping(Vec::new()), at).map(|_| ())?,
            '[' => graph.add(Written::Sequence(Vec::new()), at).map(|_| ())?,
            '}' | ']' => graph.end(at),
            '"' => {
                let text = string(text.get(start..end).unwrap_or_default()).map_err(|message| Fault::new(message, at))?;
                graph.add(Written::Scalar { text, tag: None, implicit: false }, at)?;
            }
            '-' | '0'..='9' | 'a'..='z' => {
                let text = text.get(start..end).unwrap_or_default();
                if float::parse(text).is_infinite() {
                    return Err(Fault::new(format!("{text} is beyond all numbers that Kubernetes can read"), at));
                }
                graph.add(Written::Scalar { text: text.to_owned(), tag: None, implicit: true }, at)?;
            }
            _ => {}
        }
        start = end;
    }
    Ok(graph)
}

/// How long the first token is.
fn length(rest: &str) -> usize {
    if let Some(behind) = rest.strip_prefix('"') {
        let mut escaped = false;
        let quote = behind.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        return quote.map_or(rest.len(), |quote| quote + 2);
    }
    let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) }
}

/// What a string says. Half of a surrogate pair alone becomes U+FFFD, as for Go.
fn string(literal: &str) -> Result<String, String> {
    let mended = json::without_lone_surrogates(literal.as_bytes());
    let literal = mended.as_deref().unwrap_or(literal.as_bytes());
    let mut string = Text::default();
    json::text(literal)
        .and_then(|literal| json::read(literal, "", &Notes::default(), &mut string))
        .map_err(|broken| broken.to_string())
        .map(|()| string.into_owned())
}
