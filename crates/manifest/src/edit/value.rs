//! Edits of one key or one value in place: another name, quotes, brackets.

use super::flow::is_bare;
use super::source_text::{SourceText, quoted_like};
use super::{Change, Edit, NewValue};
use crate::position::ByteSpan;
use crate::tree::{Kind, Node};

/// Renames a key of a mapping, and keeps its quotes. The new name must not need quotes. Returns `None` if the text cannot be edited
/// safely, or if the mapping has the new key already.
pub fn rename(mapping: Node<'_>, key: &str, name: &str) -> Option<Vec<Edit>> {
    let source = SourceText::of(mapping.tree)?;
    let member = mapping.member(key).filter(|_| mapping.member(name).is_none())?;
    let at = member.key_at;
    let old_text = source.slice(at.start, at.end);
    let info = &source.tree.source_info;
    // Another name would restore the entry that this one replaces.
    let is_own = mapping.byte_span().encloses(at) && mapping.merge_of(member).is_none() && !info.replacing.contains(&at.start);
    let is_safe = is_own && is_editable(source, at) && old_text.trim_matches(['"', '\'']) == key;
    is_safe.then(|| edits(source, vec![Change::replace(at.start, at.end, quoted_like(name, old_text))]))
}

/// Puts a number or a boolean in quotes, so that it is a string. Returns `None` if the text cannot be edited safely.
pub fn quote(scalar: Node<'_>) -> Option<Vec<Edit>> {
    let (source, at) = own(scalar)?;
    let text = source.slice(at.start, at.end);
    let is_word = matches!(scalar.kind(), Kind::Bool(_) | Kind::Number(_)) && is_flow_word(text);
    is_word.then(|| edits(source, vec![Change::replace(at.start, at.end, format!("\"{text}\""))]))
}

/// Replaces a scalar. Returns `None` if the text cannot be edited safely.
pub fn replace(scalar: Node<'_>, value: NewValue<'_>) -> Option<Vec<Edit>> {
    let (source, at) = own(scalar)?;
    let old_text = source.slice(at.start, at.end);
    if matches!(scalar.kind(), Kind::Sequence | Kind::Mapping) || old_text.contains('\n') || old_text.starts_with(['|', '>']) {
        return None;
    }
    let text = match value {
        NewValue::Bool(value) => value.to_string(),
        NewValue::Text(text) if is_json(source) => format!("\"{text}\""),
        NewValue::Text(text) | NewValue::Flow(text) => text.to_owned(),
        NewValue::List(text) => format!("[\"{text}\"]"),
    };
    Some(edits(source, vec![Change::replace(at.start, at.end, text)]))
}

/// Replaces a string in quotes with a number, as it is written. Returns `None` if the text cannot be edited safely, or if the string is
/// no whole number in the format of the document.
pub fn unquote(scalar: Node<'_>) -> Option<Vec<Edit>> {
    let (source, at) = own(scalar)?;
    let text = scalar.text()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_decimal = digits == "0" || !digits.starts_with('0');
    // An octal number is one in YAML only.
    let is_octal = !is_json(source) && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && (is_decimal || is_octal);
    let is_quoted = source.slice(at.start, at.end).get(1..).and_then(|inner| inner.get(..text.len())) == Some(text);
    (is_number && is_quoted).then(|| edits(source, vec![Change::replace(at.start, at.end, text.to_owned())]))
}

/// Makes a value the only element of a list; a scalar becomes a string if `is_string`. Returns `None` if the text cannot be edited
/// safely.
pub fn enclose(value: Node<'_>, is_string: bool) -> Option<Vec<Edit>> {
    let (source, at) = own(value)?;
    let text = source.slice(at.start, at.end);
    let changes = match value.kind() {
        Kind::Mapping | Kind::Sequence if source.is_flow(value) => {
            vec![Change::insert(at.start, "[".to_owned()), Change::insert(at.end, "]".to_owned())]
        }
        Kind::Mapping if source.begins_line(at.start) => {
            let mut element = "- ".to_owned();
            for (index, line) in text.split_inclusive('\n').enumerate() {
                if index > 0 && !line.trim().is_empty() {
                    element.push_str("  ");
                }
                element.push_str(line);
            }
            vec![Change::replace(at.start, at.end, element)]
        }
        Kind::Text(_) | Kind::Bool(_) | Kind::Number(_) if !text.contains('\n') && !text.starts_with(['|', '>']) => {
            let is_quoted = text.starts_with(['"', '\'']);
            let element = match value.kind() {
                Kind::Text(_) if is_quoted || is_flow_word(text) => text.to_owned(),
                Kind::Text(text) => serde_json::to_string(text).ok()?,
                _ if !is_flow_word(text) => return None,
                _ if is_string => format!("\"{text}\""),
                _ => text.to_owned(),
            };
            vec![Change::replace(at.start, at.end, format!("[{element}]"))]
        }
        _ => return None,
    };
    Some(edits(source, changes))
}

/// Replaces a list of one element with the element, which must be a mapping. Returns `None` if the text cannot be edited safely.
pub fn disclose(list: Node<'_>) -> Option<Vec<Edit>> {
    let (source, at) = own(list)?;
    let element = list.elements().next().filter(|element| list.elements().len() == 1 && matches!(element.kind(), Kind::Mapping))?;
    let (_, inner) = own(element)?;
    if source.is_flow(list) {
        // Comments would remain without brackets around them.
        let is_bare = |start, end| is_bare(source, start, end) && !source.slice(start, end).contains('#');
        let is_bare = is_bare(at.start + 1, inner.start) && is_bare(inner.end, at.end.checked_sub(1)?);
        let changes = vec![Change::replace(at.start, inner.start, String::new()), Change::replace(inner.end, at.end, String::new())];
        return (is_bare && source.is_flow(element)).then(|| edits(source, changes));
    }
    // The mapping remains where it is.
    let is_on_line = source.slice(at.start, inner.start).starts_with('-') && source.is_blank(at.start + 1, inner.start);
    is_on_line.then(|| edits(source, vec![Change::replace(at.start, at.start + 1, " ".to_owned())]))
}

/// Returns the source and the span of a value that is used once, without an anchor or a tag.
fn own(node: Node<'_>) -> Option<(SourceText<'_>, ByteSpan)> {
    let source = SourceText::of(node.tree)?;
    let at = node.byte_span();
    (!node.is_alias() && at.start < at.end && is_editable(source, at)).then_some((source, at))
}

/// Returns whether a key or a value is used once, and has no anchor and no tag.
fn is_editable(source: SourceText<'_>, at: ByteSpan) -> bool {
    let before = source.slice(0, at.start).trim_end();
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default().trim_start_matches(['[', '{', ',']);
    let own = source.slice(at.start, at.end);
    !source.is_anchored(at) && !word.starts_with(['!', '&']) && !own.starts_with(['!', '&', '*'])
}

/// Returns whether keys of the document are in double quotes, as in JSON.
fn is_json(source: SourceText<'_>) -> bool {
    let root = source.tree.root();
    let first = root.members().next().map(|member| member.key_at);
    source.is_flow(root) && first.is_some_and(|at| source.slice(at.start, at.end).starts_with('"'))
}

/// Returns whether a scalar without quotes has the same value in brackets.
pub(super) fn is_flow_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'+'))
}

fn edits(source: SourceText<'_>, changes: Vec<Change>) -> Vec<Edit> {
    changes.into_iter().map(|change| Edit { span: source.tree.lines.span(change.at), text: change.text }).collect()
}
