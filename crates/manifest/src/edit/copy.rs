//! Copies of values in flow style, with one change.

use super::source_text::SourceText;
use super::{NewValue, Operation};
use crate::resolve::resolve;
use crate::tree::{Kind, Node, Value, step};

/// The maximum number of values in a copy.
const MAX_VALUES: usize = 100;
/// The maximum depth of a copy.
const MAX_DEPTH: usize = 16;

/// Returns a copy of a value in which the field at a path is changed. Returns `None` if the copy would be long, or the field cannot be
/// changed.
pub(super) fn with_change(node: Node<'_>, path: &str, operation: Operation<'_>) -> Option<String> {
    Copy { source: SourceText::of(node.tree)?, values: 0 }.of(node, Some((path, operation)), 0)
}

/// Returns the value of a missing field in which the field at a path is set.
pub(super) fn new_value(path: &str, operation: Operation<'_>) -> Option<String> {
    let (name, is_index, after) = step(path);
    match operation {
        _ if is_index => None,
        _ if !path.is_empty() => Some(format!("{{{name}: {}}}", new_value(after, operation)?)),
        Operation::Set(NewValue::Bool(value), _) => Some(value.to_string()),
        Operation::Set(NewValue::Text(text) | NewValue::Flow(text), _) => Some(text.to_owned()),
        Operation::Set(NewValue::List(text), _) | Operation::Append(text) => Some(format!("[{text}]")),
        Operation::Remove(_) => None,
    }
}

struct Copy<'d> {
    source: SourceText<'d>,
    /// The number of copied values.
    values: usize,
}

impl Copy<'_> {
    fn of(&mut self, node: Node<'_>, change: Option<(&str, Operation<'_>)>, depth: usize) -> Option<String> {
        self.values += 1;
        if self.values > MAX_VALUES || depth > MAX_DEPTH {
            return None;
        }
        let mut rest = change.filter(|(path, _)| !path.is_empty());
        let mut items = Vec::new();
        match (node.kind(), change) {
            (Kind::Sequence, Some(("", Operation::Append(_)))) => {}
            (Kind::Null, Some((path, operation))) | (_, Some((path @ "", operation))) => return new_value(path, operation),
            (Kind::Sequence | Kind::Mapping, _) => {}
            (_, Some(_)) => return None,
            _ => return self.scalar(node),
        }
        let mut child = |name: &str, value| {
            let (step, _, after) = step(rest.map_or("", |(path, _)| path));
            let change = rest.filter(|_| step == name).map(|(_, operation)| (after, operation));
            rest = rest.filter(|_| change.is_none());
            match change {
                Some(("", Operation::Remove(_))) => Some(None),
                _ => self.of(value, change, depth + 1).map(Some),
            }
        };
        if matches!(node.kind(), Kind::Sequence) {
            for (index, element) in node.elements().enumerate() {
                // An element that becomes empty is removed, as in edits of the text.
                items.extend(child(&index.to_string(), element)?.filter(|text| text != "{}"));
            }
            if let Some(("", Operation::Append(text))) = change {
                items.push(text.to_owned());
            }
            return rest.is_none().then(|| format!("[{}]", items.join(", ")));
        }
        for (key, value) in node.pairs() {
            let value = child(key, value)?;
            items.extend(value.and_then(|value| Some(format!("{}: {value}", text(key)?))));
        }
        if let Some((path, operation)) = rest {
            let (name, _, after) = step(path);
            items.push(format!("{name}: {}", new_value(after, operation)?));
        }
        Some(format!("{{{}}}", items.join(", ")))
    }

    fn scalar(&self, node: Node<'_>) -> Option<String> {
        match node.kind() {
            Kind::Null => Some("null".to_owned()),
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Text(value) => text(value),
            _ => {
                let at = node.resolved().byte_span();
                let number = self.source.slice(at.start, at.end);
                number.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+')).then(|| number.to_owned())
            }
        }
    }
}

/// Returns a string, in quotes unless it needs none.
fn text(text: &str) -> Option<String> {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'))
        && text.starts_with(|first: char| first.is_ascii_alphabetic());
    if is_word && matches!(resolve(text.into(), None, true), Ok(Value::Text(_))) {
        return Some(text.to_owned());
    }
    (!text.contains(char::is_control)).then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}
