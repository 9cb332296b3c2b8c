//! Decoding of mappings: keys, merge keys and duplicate keys, as go-yaml decodes a document and sigs.k8s.io/yaml converts it to
//! JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::number::{self, Number};
use super::position::{ByteSpan, compact};
use super::scan::SyntaxError;
use super::tree::{Id, Key, Range, Tree, Value};

/// The prefix of keys that JSON does not allow. Strings with this prefix are rejected too.
const INVALID_KEY: &str = "\0 ";

/// The number of members from which those with a key are found by an index.
const INDEXED: usize = 16;

/// The mappings of a document, which are decoded one after the other.
#[derive(Default)]
pub(super) struct Mappings<'t> {
    /// Whether the document has a value or a key that JSON may not allow.
    pub(super) may_be_invalid_json: bool,
    /// The scalars that are merge keys, in the order of the text.
    merge_keys: Vec<Id>,
    /// Warnings about text that Kubernetes accepts but that is probably an error.
    warnings: Vec<SyntaxError>,
    /// The first error, after which nothing is decoded.
    error: Option<SyntaxError>,
    members: Members<'t>,
}

/// The members of the mapping that is being decoded, which are the last of [`Tree::pairs`].
#[derive(Default)]
struct Members<'t> {
    /// The number of pairs before them.
    start: usize,
    /// Whether each comes from a merge.
    are_merged: Vec<bool>,
    /// Their indices by key, if there are many.
    indices: BTreeMap<Cow<'t, str>, usize>,
}

/// The type of a key. go-yaml distinguishes `1` and `"1"`, which are the same key in JSON.
#[derive(Clone, Copy, PartialEq)]
enum KeyType {
    Text,
    Bool,
    Whole,
    Float,
    Other,
}

impl<'t> Mappings<'t> {
    /// Records a scalar that merges mappings if it is a key.
    pub(super) fn add_merge_key(&mut self, id: Id) {
        self.merge_keys.push(id);
    }

    /// Decodes a mapping whose keys and values alternate, and returns the range of its members.
    pub(super) fn decode(&mut self, tree: &mut Tree<'t>, children: &[Id]) -> Range {
        let start = tree.pairs.len();
        self.members.start = start;
        self.members.are_merged.clear();
        self.members.indices.clear();
        for pair in children.chunks(2) {
            let [key, value] = pair else { continue };
            if self.error.is_some() {
                break;
            }
            if self.merge_keys.binary_search(key).is_ok() {
                self.merge(tree, *key, *value);
            } else {
                match convert_key(tree, *key) {
                    Ok(key) => self.set(tree, (key, *value), None),
                    Err(error) => self.error = Some(error),
                }
            }
        }
        Range::new(start, tree.pairs.len())
    }

    /// Adds the warnings, or returns the first error.
    pub(super) fn finish(mut self, tree: &Tree<'t>, warnings: &mut Vec<SyntaxError>) -> Result<(), SyntaxError> {
        warnings.append(&mut self.warnings);
        match self.error {
            Some(error) => Err(error),
            None if self.may_be_invalid_json => check_json(tree),
            None => Ok(()),
        }
    }

    /// Merges a mapping, or each of a list of mappings from the last to the first, because earlier ones take precedence.
    fn merge(&mut self, tree: &mut Tree<'t>, key: Id, value: Id) {
        let merge_at = tree.at(key);
        let sources = match tree.item(value).map(|item| &item.value) {
            Some(Value::Sequence(sources)) => sources.of(&tree.elements).to_vec(),
            _ => vec![value],
        };
        for source in sources.into_iter().rev() {
            let Value::Mapping(merged) = *tree.value(source) else {
                let at = tree.at(source);
                self.error = Some(SyntaxError::new("map merge requires map or sequence of maps as the value", at));
                return;
            };
            for (key, value) in merged.of(&tree.pairs).to_vec() {
                tree.source_info.merged.push(tree.at(tree.key(key).0).start);
                self.set(tree, (key, value), Some(merge_at));
            }
        }
    }

    /// Sets a member, which replaces one with the same key. A merged member replaces an own one too. `merge` is the position of the
    /// merge key that the member comes from.
    fn set(&mut self, tree: &mut Tree<'t>, member: (Key, Id), merge: Option<ByteSpan>) {
        let text = key_text(tree, member.0);
        self.may_be_invalid_json |= text.starts_with(INVALID_KEY);
        let Members { start, are_merged, indices } = &mut self.members;
        let count = are_merged.len();
        let own = tree.pairs.get(*start..).unwrap_or_default();
        if count == INDEXED && indices.is_empty() {
            indices.extend(own.iter().enumerate().map(|(index, (key, _))| (key_text(tree, *key), index)));
        }
        let known = if count < INDEXED { own.iter().position(|(key, _)| tree.key(*key).1 == text) } else { indices.get(&text).copied() };
        let Some(index) = known else {
            if count >= INDEXED {
                indices.insert(text, count);
            }
            tree.pairs.push(member);
            are_merged.push(merge.is_some());
            return;
        };
        let (Some(previous), Some(is_merged)) = (tree.pairs.get(*start + index).copied(), are_merged.get_mut(index)) else { return };
        let [key_at, previous_at] = [member.0, previous.0].map(|key| tree.at(tree.key(key).0));
        tree.source_info.replacing.push(key_at.start);
        if !*is_merged {
            let line = tree.lines.line(previous_at.start);
            let name = format!("{:?}", text.strip_prefix(INVALID_KEY).unwrap_or(&text));
            self.warnings.push(match merge {
                None if key_type(tree, member.0) == key_type(tree, previous.0) => {
                    SyntaxError::new(format!("{name} stands here a second time, after line {line}; this one counts"), key_at)
                }
                None => SyntaxError::new(
                    format!(
                        "{name} stands here a second time, after line {line}, as another type: this one is taken, and Kubernetes takes \
                         either, as chance has it"
                    ),
                    key_at,
                ),
                Some(at) => {
                    SyntaxError::new(format!("this merge replaces {name} of line {line}: Kubernetes applies a merge where it stands"), at)
                }
            });
        }
        *is_merged = merge.is_some();
        if let Some(previous) = tree.pairs.get_mut(*start + index) {
            *previous = member;
        }
    }
}

fn key_type(tree: &Tree<'_>, key: Key) -> KeyType {
    match tree.value(tree.key(key).0) {
        Value::Text(_) => KeyType::Text,
        Value::Bool(_) => KeyType::Bool,
        Value::Number(Number::Whole(_)) => KeyType::Whole,
        Value::Number(Number::Float(_)) => KeyType::Float,
        _ => KeyType::Other,
    }
}

/// Converts a key to JSON. A key that JSON does not allow is an error only if the document contains it after merging.
fn convert_key(tree: &mut Tree<'_>, id: Id) -> Result<Key, SyntaxError> {
    let converted = match tree.value(id) {
        Value::Text(_) => return Ok(Key::Text(id)),
        Value::Bool(value) => value.to_string(),
        Value::Number(Number::Whole(value)) => value.to_string(),
        Value::Number(Number::Large(value)) => format!("{INVALID_KEY}{value}"),
        Value::Number(Number::Float(value)) => number::key_of_float(*value),
        Value::Sequence(_) => return Err(SyntaxError::new("invalid map key: a list", tree.at(id))),
        Value::Mapping(_) => {
            return Err(SyntaxError::new("invalid map key: a mapping; a template is no manifest yet", tree.at(id)));
        }
        Value::Null | Value::Alias(_) => format!("{INVALID_KEY}null"),
    };
    let index = compact(tree.converted_keys.len());
    tree.converted_keys.push((id, converted));
    Ok(Key::Converted(index))
}

/// Returns the text of a key, which is borrowed from the source text if possible.
fn key_text<'t>(tree: &Tree<'t>, key: Key) -> Cow<'t, str> {
    let (id, text) = tree.key(key);
    match tree.value(id) {
        Value::Text(text) => text.clone(),
        _ => Cow::Owned(text.to_owned()),
    }
}

/// Rejects values and keys that JSON does not allow, if the document contains them.
fn check_json(tree: &Tree<'_>) -> Result<(), SyntaxError> {
    let mut visited = vec![false; tree.items.len()];
    let mut open = vec![0];
    while let Some(id) = open.pop() {
        let Some(visited) = visited.get_mut(id as usize).filter(|visited| !**visited) else { continue };
        *visited = true;
        match tree.item(id).map(|item| (&item.value, item.at())) {
            Some((Value::Number(Number::Float(value)), at)) if !value.is_finite() => {
                let name = if value.is_nan() {
                    "NaN"
                } else if *value > 0.0 {
                    "inf"
                } else {
                    "-inf"
                };
                return Err(SyntaxError::new(format!("unsupported value: JSON has no {name}"), at));
            }
            Some((Value::Alias(id), _)) => open.push(*id),
            Some((Value::Sequence(elements), _)) => open.extend(elements.of(&tree.elements).iter().rev()),
            Some((Value::Mapping(members), _)) => {
                let members = members.of(&tree.pairs);
                if let Some((id, invalid)) = members.iter().find_map(|(key, _)| {
                    let (id, text) = tree.key(*key);
                    text.strip_prefix(INVALID_KEY).map(|invalid| (id, invalid))
                }) {
                    return Err(SyntaxError::new(format!("unsupported map key: {invalid}, unless it is quoted"), tree.at(id)));
                }
                open.extend(members.iter().rev().map(|(_, value)| *value));
            }
            _ => {}
        }
    }
    Ok(())
}
