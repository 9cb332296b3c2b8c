//! Decoding of mappings: keys, merge keys and duplicate keys, as go-yaml decodes a document and sigs.k8s.io/yaml converts it to
//! JSON.

use super::go_syntax::{NIL, go_syntax};
use super::number::{self, Number};
use super::position::{ByteSpan, compact};
use super::scan::{Origin, SyntaxError};
use super::tree::{Id, Key, Merge, Range, Tree, Value};

/// The prefix of keys that JSON does not allow. Strings with this prefix are rejected too.
const INVALID_KEY: &str = "\0 ";

/// Mappings of this length or shorter are searched for duplicate keys by comparing pairs, and longer ones by sorting.
const PAIRWISE: usize = 16;

/// The mappings of a document, which are decoded one after the other.
#[derive(Default)]
pub(super) struct Mappings {
    /// Whether the document has a value or a key that JSON may not allow.
    pub(super) may_be_invalid_json: bool,
    /// The scalars that are merge keys, in the order of the text.
    merge_keys: Vec<Id>,
    /// Warnings about text that Kubernetes accepts but that is probably an error.
    warnings: Vec<SyntaxError>,
    /// The first error, after which nothing is decoded.
    error: Option<SyntaxError>,
    /// The entries of the mapping that is being decoded.
    entries: Vec<Entry>,
}

/// An entry of a mapping, which another with the same key may replace.
#[derive(Clone, Copy)]
struct Entry {
    key: Key,
    value: Id,
    /// The position of the merge key that it comes from.
    merge: Option<ByteSpan>,
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

impl Mappings {
    /// Records a scalar that merges mappings if it is a key.
    pub(super) fn add_merge_key(&mut self, id: Id) {
        self.merge_keys.push(id);
    }

    /// Decodes a mapping, the keys and values of which alternate, and returns the range of its members.
    pub(super) fn decode(&mut self, tree: &mut Tree<'_>, mapping: Id, children: &[Id]) -> Range {
        self.entries.clear();
        for pair in children.chunks(2) {
            let [key, value] = *pair else { continue };
            if self.error.is_some() {
                break;
            }
            if self.merge_keys.binary_search(&key).is_ok() {
                self.merge(tree, mapping, key, value);
            } else {
                match convert_key(tree, key) {
                    Ok(key) => self.entries.push(Entry { key, value, merge: None }),
                    Err(error) => self.error = Some(error),
                }
            }
        }
        let start = tree.pairs.len();
        let earlier = duplicates(tree, &self.entries);
        if earlier.is_empty() {
            tree.pairs.extend(self.entries.iter().map(|entry| (entry.key, entry.value)));
        } else {
            self.replace_duplicates(tree, &earlier);
        }
        let keys = tree.pairs.get(start..).unwrap_or_default();
        self.may_be_invalid_json |= keys.iter().any(|(key, _)| tree.key(*key).1.starts_with(INVALID_KEY));
        Range::new(start, tree.pairs.len())
    }

    /// Adds the warnings, or returns the first error. `type_error` is an error in a scalar after the decoded mappings.
    pub(super) fn finish(
        mut self,
        tree: &Tree<'_>,
        type_error: Option<SyntaxError>,
        warnings: &mut Vec<SyntaxError>,
    ) -> Result<(), SyntaxError> {
        warnings.append(&mut self.warnings);
        match self.error.or(type_error) {
            Some(error) => Err(error),
            None if self.may_be_invalid_json => check_json(tree),
            None => Ok(()),
        }
    }

    /// Merges a mapping, or each of a list of mappings from the last to the first, because earlier ones take precedence.
    fn merge(&mut self, tree: &mut Tree<'_>, mapping: Id, key: Id, value: Id) {
        let merge_at = tree.at(key);
        let sources = match tree.item(value).map(|item| &item.value) {
            Some(Value::Sequence(sources)) => sources.of(&tree.elements),
            _ => &[value],
        };
        for source in sources.iter().rev() {
            let Value::Mapping(merged) = *tree.value(*source) else {
                let at = tree.at(*source);
                self.error = Some(SyntaxError::new("map merge requires map or sequence of maps as the value", at));
                return;
            };
            tree.source_info.merges.push(Merge { mapping, at: merge_at.start, source: *source });
            for (key, value) in merged.of(&tree.pairs) {
                self.entries.push(Entry { key: *key, value: *value, merge: Some(merge_at) });
            }
        }
    }

    /// Adds the entries of a mapping to the members, where each replaces one with the same key. A merged entry replaces an own one too.
    /// `earlier` has the index of the first entry with the same key for each entry.
    fn replace_duplicates(&mut self, tree: &mut Tree<'_>, earlier: &[usize]) {
        // For each entry that is the first with its key, the index of the pair and the current entry with the key.
        let mut current: Vec<Option<(usize, Entry)>> = self.entries.iter().map(|_| None).collect();
        for (entry, first) in self.entries.iter().zip(earlier) {
            let Some(current) = current.get_mut(*first) else { continue };
            let Some((pair, previous)) = current else {
                *current = Some((tree.pairs.len(), *entry));
                tree.pairs.push((entry.key, entry.value));
                continue;
            };
            let (id, text) = tree.key(entry.key);
            let key_at = tree.at(id);
            if previous.merge.is_none() {
                let line = tree.lines.line(tree.at(tree.key(previous.key).0).start);
                let name = format!("{:?}", text.strip_prefix(INVALID_KEY).unwrap_or(text));
                self.warnings.push(match entry.merge {
                    None if key_type(tree, entry.key) == key_type(tree, previous.key) => {
                        SyntaxError::new(format!("{name} stands here a second time, after line {line}; this one counts"), key_at)
                    }
                    None => SyntaxError::new(
                        format!(
                            "{name} stands here a second time, after line {line}, as another type: this one is taken, and Kubernetes \
                             takes either, as chance has it"
                        ),
                        key_at,
                    ),
                    Some(at) => SyntaxError::new(
                        format!("this merge replaces {name} of line {line}: Kubernetes applies a merge where it stands"),
                        at,
                    ),
                });
            }
            tree.source_info.replacing.push(key_at.start);
            if let Some(pair) = tree.pairs.get_mut(*pair) {
                *pair = (entry.key, entry.value);
            }
            *previous = *entry;
        }
    }
}

/// Returns the index of the first entry with the same key for each entry; empty if no two have the same key.
fn duplicates(tree: &Tree<'_>, entries: &[Entry]) -> Vec<usize> {
    let text = |entry: &Entry| tree.key(entry.key).1;
    if entries.len() <= PAIRWISE {
        let is_first = |(index, entry)| !entries.iter().take(index).any(|other| text(other) == text(entry));
        if entries.iter().enumerate().all(is_first) {
            return Vec::new();
        }
    }
    let mut sorted: Vec<(&str, usize)> = entries.iter().enumerate().map(|(index, entry)| (text(entry), index)).collect();
    sorted.sort_unstable();
    if sorted.iter().zip(sorted.iter().skip(1)).all(|((one, _), (other, _))| one != other) {
        return Vec::new();
    }
    let mut first = ("", 0);
    let mut earlier = vec![0; entries.len()];
    for (position, (key, index)) in sorted.into_iter().enumerate() {
        if position == 0 || key != first.0 {
            first = (key, index);
        }
        if let Some(earlier) = earlier.get_mut(index) {
            *earlier = first.1;
        }
    }
    earlier
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
        Value::Sequence(_) => return Err(invalid_key(tree, id, "a list")),
        Value::Mapping(_) => return Err(invalid_key(tree, id, "a mapping; a template is no manifest yet")),
        Value::Null | Value::Alias(_) => format!("{INVALID_KEY}null"),
    };
    let index = compact(tree.converted_keys.len());
    tree.converted_keys.push((id, converted));
    Ok(Key::Converted(index))
}

fn invalid_key(tree: &Tree<'_>, id: Id, name: &str) -> SyntaxError {
    let kubectl = format!("invalid map key: {}", go_syntax(tree, id));
    SyntaxError::new(format!("invalid map key: {name}"), tree.at(id)).printed_as(Origin::Yaml(0), kubectl)
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
                let (name, go_name) = if value.is_nan() {
                    ("NaN", "NaN")
                } else if *value > 0.0 {
                    ("inf", "+Inf")
                } else {
                    ("-inf", "-Inf")
                };
                let error = SyntaxError::new(format!("unsupported value: JSON has no {name}"), at);
                return Err(error.printed_as(Origin::Conversion, format!("json: unsupported value: {go_name}")));
            }
            Some((Value::Alias(id), _)) => open.push(*id),
            Some((Value::Sequence(elements), _)) => open.extend(elements.of(&tree.elements).iter().rev()),
            Some((Value::Mapping(members), _)) => {
                let members = members.of(&tree.pairs);
                if let Some((id, invalid, value)) = members.iter().find_map(|(key, value)| {
                    // A string can begin with the same characters.
                    let Key::Converted(_) = key else { return None };
                    let (id, text) = tree.key(*key);
                    text.strip_prefix(INVALID_KEY).map(|invalid| (id, invalid, *value))
                }) {
                    let key = match *tree.value(id) {
                        Value::Number(Number::Large(key)) => format!("uint64, key: {key:#x}"),
                        _ => format!("%!s(<nil>), key: {NIL}"),
                    };
                    let value = if matches!(tree.value(value), Value::Null) { NIL.to_owned() } else { go_syntax(tree, value) };
                    let error = SyntaxError::new(format!("unsupported map key: {invalid}, unless it is quoted"), tree.at(id));
                    let kubectl = format!("unsupported map key of type: {key}, value: {value}");
                    return Err(error.printed_as(Origin::Conversion, kubectl));
                }
                open.extend(members.iter().rev().map(|(_, value)| *value));
            }
            _ => {}
        }
    }
    Ok(())
}
